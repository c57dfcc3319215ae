import { type Answer, done, refused } from './answer.ts'
import { byteAt } from './bytes.ts'
import type { AppContext, Command } from './command.ts'
import { APP_COMMANDS } from './commands-app.ts'
import { CHASSIS_CONTROL, CONTROL } from './commands-chassis.ts'
import { COMPLETION, NETFN, type Request } from './message.ts'
import { PRIVILEGE } from './sessions.ts'

/** All that a BMC of a fleet has of a machine. */
export interface FleetMachine {
  on: boolean
  /** Boot parameter 5 as written last; null: never written. */
  bootFlags: Buffer | null
}

type FleetContext = AppContext & { machine: FleetMachine }

const COMMANDS = new Map<number, Command<FleetContext>>(
  [
    ...APP_COMMANDS,
    { netFn: NETFN.chassis, command: 0x01, privilege: PRIVILEGE.user, minBytes: 0, run: getStatus },
    {
      netFn: NETFN.chassis,
      command: CHASSIS_CONTROL,
      privilege: PRIVILEGE.operator,
      minBytes: 1,
      run: control,
    },
    { netFn: NETFN.chassis, command: 0x08, privilege: PRIVILEGE.operator, minBytes: 1, run: setBootOption },
    { netFn: NETFN.chassis, command: 0x09, privilege: PRIVILEGE.operator, minBytes: 3, run: getBootOption },
  ].map((command) => [key(command), command]),
)

function key({ netFn, command }: { netFn: number; command: number }): number {
  return (netFn << 8) | command
}

/** The checks of a whole BMC, on the few commands that a poller and a power switch send. */
export function executeFleetCommand(context: FleetContext, request: Request): Answer {
  const command = COMMANDS.get(key(request))
  if (command === undefined) return refused(COMPLETION.invalidCommand)
  const { session } = context
  const privilege = session?.phase.kind === 'active' ? session.phase.privilege : 0
  if (privilege < command.privilege) return refused(COMPLETION.insufficientPrivilege)
  if (request.data.length < command.minBytes) return refused(COMPLETION.lengthInvalid)
  return command.run(context, request.data)
}

function getStatus({ machine }: FleetContext): Answer {
  return done(Buffer.from([machine.on ? 0x01 : 0x00, 0x00, 0x00]))
}

function control({ machine }: FleetContext, data: Buffer): Answer {
  const action = byteAt(data, 0) & 0x0f
  if (action === CONTROL.on) machine.on = true
  else if (action === CONTROL.off || action === CONTROL.soft) machine.on = false
  else if (action !== CONTROL.cycle && action !== CONTROL.reset) return refused(COMPLETION.invalidField)
  else if (!machine.on) return refused(COMPLETION.notInPresentState)
  return done()
}

const BOOT_FLAGS = 5

/** Keeps parameter 5; takes the others and forgets them, as cheap boards do. */
function setBootOption({ machine }: FleetContext, data: Buffer): Answer {
  const isFlags = (byteAt(data, 0) & 0x7f) === BOOT_FLAGS
  if (isFlags && data.length >= 6) machine.bootFlags = Buffer.from(data.subarray(1, 6))
  return done()
}

function getBootOption({ machine }: FleetContext, data: Buffer): Answer {
  const parameter = byteAt(data, 0) & 0x7f
  if (parameter !== BOOT_FLAGS) return refused(COMPLETION.parameterNotSupported)
  return done(Buffer.concat([Buffer.from([0x01, parameter]), machine.bootFlags ?? Buffer.alloc(5)]))
}
