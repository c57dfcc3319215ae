import { type Answer, done, refused } from './answer.ts'
import { byteAt } from './bytes.ts'
import type { Command, CommandContext } from './command.ts'
import type { PowerAction } from './controller.ts'
import { BMC_ADDRESS, COMPLETION, NETFN } from './message.ts'
import { PRIVILEGE } from './sessions.ts'

/** Chassis Control (IPMI 2.0 §28.3), low four bits of its one data byte. */
export const CONTROL = { off: 0, on: 1, cycle: 2, reset: 3, soft: 5 } as const
export const CHASSIS_CONTROL = 0x02

const ACTION = new Map<number, PowerAction>([
  [CONTROL.off, 'off'],
  [CONTROL.on, 'on'],
  [CONTROL.cycle, 'cycle'],
  [CONTROL.reset, 'reset'],
  [CONTROL.soft, 'soft'],
])

export const CHASSIS_COMMANDS: readonly Command[] = [
  { netFn: NETFN.chassis, command: 0x00, privilege: PRIVILEGE.user, minBytes: 0, run: getCapabilities },
  { netFn: NETFN.chassis, command: 0x01, privilege: PRIVILEGE.user, minBytes: 0, run: getStatus },
  {
    netFn: NETFN.chassis,
    command: CHASSIS_CONTROL,
    privilege: PRIVILEGE.operator,
    minBytes: 1,
    run: control,
  },
  { netFn: NETFN.chassis, command: 0x04, privilege: PRIVILEGE.operator, minBytes: 0, run: identify },
  { netFn: NETFN.chassis, command: 0x06, privilege: PRIVILEGE.operator, minBytes: 1, run: setRestorePolicy },
  { netFn: NETFN.chassis, command: 0x07, privilege: PRIVILEGE.user, minBytes: 0, run: getRestartCause },
  {
    netFn: NETFN.chassis,
    command: 0x08,
    privilege: PRIVILEGE.operator,
    minBytes: 1,
    run: (context, data) => context.bootOptions.set(data),
  },
  {
    netFn: NETFN.chassis,
    command: 0x09,
    privilege: PRIVILEGE.operator,
    minBytes: 3,
    run: (context, data) => context.bootOptions.get(data),
  },
]

const IDENTIFY_STATE = { off: 0x00, timed: 0x10, forced: 0x20 } as const
const IDENTIFY_SUPPORTED = 0x40
const COOLING_FAULT = 0x08
const INTRUSION = 0x01
const LAST_ON_BY_COMMAND = 0x10
const INTRUSION_SENSOR = 0x01

/** An intrusion sensor; every device address is the BMC's own (IPMI 2.0 §28.1). */
function getCapabilities(): Answer {
  return done(Buffer.from([INTRUSION_SENSOR, BMC_ADDRESS, BMC_ADDRESS, BMC_ADDRESS, BMC_ADDRESS]))
}

/** §28.2. */
function getStatus({ controller, chassis }: CommandContext): Answer {
  const { machine, identify, poweredByCommand } = controller
  const { fansRpm, chassisOpen } = machine.readings()
  return done(
    Buffer.from([
      (machine.power() === 'on' ? 0x01 : 0x00) | (chassis.restorePolicy << 5),
      poweredByCommand ? LAST_ON_BY_COMMAND : 0x00,
      IDENTIFY_SUPPORTED |
        IDENTIFY_STATE[identify.state] |
        (fansRpm.includes(0) ? COOLING_FAULT : 0) |
        (chassisOpen ? INTRUSION : 0),
    ]),
  )
}

function control({ controller, bootOptions }: CommandContext, data: Buffer): Answer {
  const action = ACTION.get(byteAt(data, 0) & 0x0f)
  const { machine, dials } = controller
  if (action === undefined) return refused(COMPLETION.invalidField)
  const isOff = machine.power() === 'off'
  if (isOff && (action === 'cycle' || action === 'reset')) return refused(COMPLETION.notInPresentState)
  const boots = action === 'cycle' || action === 'reset' || (action === 'on' && isOff)
  if (boots && !dials.stuckPower) bootOptions.bootOrdered()
  controller.power(action)
  return done()
}

/** No data: 15 s; else so many seconds, 0 turns it off; bit 0 of a second byte keeps it on (§28.5). */
function identify({ controller }: CommandContext, data: Buffer): Answer {
  const forced = (byteAt(data, 1) & 1) !== 0
  if (forced) controller.identify.force(true)
  else controller.identify.blink(data.length === 0 ? 15 : byteAt(data, 0))
  return done()
}

/** 0 stay off, 1 as before, 2 always on, 3 only ask which there are (§28.8). */
function setRestorePolicy({ chassis }: CommandContext, data: Buffer): Answer {
  const policy = byteAt(data, 0) & 0x07
  if (policy > 3) return refused(COMPLETION.invalidField)
  if (policy !== 3) chassis.restorePolicy = policy
  return done(Buffer.from([0x07]))
}

/** 1: by Chassis Control; 0: unknown (§28.11). */
function getRestartCause({ controller }: CommandContext): Answer {
  return done(Buffer.from([controller.poweredByCommand ? 1 : 0, 0]))
}
