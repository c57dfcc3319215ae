import { type Answer, done, refused } from './answer.ts'
import { byteAt } from './bytes.ts'
import type { Command, CommandContext } from './command.ts'
import { BMC_ADDRESS, COMPLETION, NETFN } from './message.ts'
import { PRIVILEGE } from './sessions.ts'

/** Chassis Control (IPMI 2.0 §28.3), low four bits of its one data byte. */
export const CONTROL = { off: 0, on: 1, cycle: 2, reset: 3, soft: 5 } as const
export const CHASSIS_CONTROL = 0x02

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
const LAST_ON_BY_COMMAND = 0x10

/** No sensors, and every device address is the BMC's own (IPMI 2.0 §28.1). */
function getCapabilities(): Answer {
  return done(Buffer.from([0x00, BMC_ADDRESS, BMC_ADDRESS, BMC_ADDRESS, BMC_ADDRESS]))
}

function getStatus({ machine, chassis }: CommandContext): Answer {
  return done(
    Buffer.from([
      machine.power() === 'on' ? 0x01 : 0x00,
      chassis.poweredByCommand ? LAST_ON_BY_COMMAND : 0x00,
      IDENTIFY_SUPPORTED | IDENTIFY_STATE[chassis.identify],
    ]),
  )
}

function control(context: CommandContext, data: Buffer): Answer {
  const action = byteAt(data, 0) & 0x0f
  const { machine, chassis, dials, bootOptions } = context
  if (!Object.values<number>(CONTROL).includes(action)) return refused(COMPLETION.invalidField)
  if ((action === CONTROL.cycle || action === CONTROL.reset) && machine.power() === 'off')
    return refused(COMPLETION.notInPresentState)
  if (dials.stuckPower) return done()
  if (action === CONTROL.off) machine.powerOff()
  if (action === CONTROL.soft) machine.softOff()
  if (action === CONTROL.off || action === CONTROL.soft) return done()

  if (action === CONTROL.on) {
    if (machine.power() === 'on') return done()
    chassis.poweredByCommand = true
    machine.powerOn()
  }
  if (action === CONTROL.cycle) machine.powerCycle()
  if (action === CONTROL.reset) machine.reset()
  bootOptions.bootOrdered()
  return done()
}

/** No data: 15 s; a first byte of 0 turns it off; bit 0 of a second byte keeps it on (IPMI 2.0 §28.5). */
function identify({ chassis }: CommandContext, data: Buffer): Answer {
  const forced = (byteAt(data, 1) & 1) !== 0
  chassis.identify = forced ? 'forced' : data.length > 0 && data[0] === 0 ? 'off' : 'timed'
  return done()
}
