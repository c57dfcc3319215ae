import { type Answer, done, refused } from './answer.ts'
import { byteAt } from './bytes.ts'
import type { Command, CommandContext } from './command.ts'
import { COMPLETION, NETFN } from './message.ts'
import { PRIVILEGE } from './sessions.ts'

/** The LAN channel's number, and the number that means "the channel that this came by". */
const LAN_CHANNEL = 0x01
const THIS_CHANNEL = 0x0e
/** User 1 has no name and no rights; user 2 is the one that there is. */
const USERS = 2
const ONLY_USER = 2

/** What only a whole board answers: restarts, channels, users, LAN settings. */
export const DEVICE_COMMANDS: readonly Command[] = [
  { netFn: NETFN.app, command: 0x02, privilege: PRIVILEGE.administrator, minBytes: 0, run: restart },
  { netFn: NETFN.app, command: 0x03, privilege: PRIVILEGE.administrator, minBytes: 0, run: restart },
  { netFn: NETFN.app, command: 0x3d, privilege: PRIVILEGE.user, minBytes: 1, run: getSessionInfo },
  { netFn: NETFN.app, command: 0x41, privilege: PRIVILEGE.user, minBytes: 2, run: getChannelAccess },
  { netFn: NETFN.app, command: 0x42, privilege: PRIVILEGE.user, minBytes: 1, run: getChannelInfo },
  { netFn: NETFN.app, command: 0x44, privilege: PRIVILEGE.operator, minBytes: 2, run: getUserAccess },
  { netFn: NETFN.app, command: 0x46, privilege: PRIVILEGE.operator, minBytes: 1, run: getUserName },
  { netFn: NETFN.transport, command: 0x02, privilege: PRIVILEGE.operator, minBytes: 4, run: getLanParameter },
]

function isLan(channel: number): boolean {
  const number = channel & 0x0f
  return number === LAN_CHANNEL || number === THIS_CHANNEL
}

/** Cold and warm reset are one here. The answer leaves before it happens. */
function restart({ controller }: CommandContext): Answer {
  queueMicrotask(() => controller.restart())
  return done()
}

/** 0 is this session, N the N-th of the table (IPMI 2.0 §22.20). */
function getSessionInfo({ session, sessions }: CommandContext, data: Buffer): Answer {
  const all = sessions.all()
  const asked = byteAt(data, 0)
  const found = asked === 0 ? session : asked <= sessions.capacity ? (all[asked - 1] ?? null) : undefined
  if (found === undefined) return refused(COMPLETION.notPresent)
  const head = [found === null ? 0 : all.indexOf(found) + 1, sessions.capacity, all.length]
  if (found === null) return done(Buffer.from(head))
  const privilege = found.phase.kind === 'active' ? found.phase.privilege : 0
  const colon = found.from.lastIndexOf(':')
  const port = Number(found.from.slice(colon + 1)) || 0
  const address = found.from.slice(0, colon).split('.').map(Number)
  // IPMI 2.0 over LAN; the console's address, an unknown MAC, and its port.
  const rest = [
    ONLY_USER,
    privilege,
    0x10 | LAN_CHANNEL,
    ...address,
    0,
    0,
    0,
    0,
    0,
    0,
    port & 0xff,
    port >> 8,
  ]
  return done(Buffer.from([...head, ...rest]))
}

/** Always available, with per-message authentication, up to ADMINISTRATOR. */
function getChannelAccess(_: CommandContext, data: Buffer): Answer {
  if (!isLan(byteAt(data, 0))) return refused(COMPLETION.invalidField)
  return done(Buffer.from([0x02, PRIVILEGE.administrator]))
}

/** An 802.3 LAN with IPMB protocol and many sessions; the vendor is the IPMI forum (§22.24). */
function getChannelInfo({ sessions }: CommandContext, data: Buffer): Answer {
  if (!isLan(byteAt(data, 0))) return refused(COMPLETION.invalidField)
  return done(
    Buffer.from([LAN_CHANNEL, 0x04, 0x01, 0x80 | sessions.all().length, 0xf2, 0x1b, 0x00, 0x00, 0x00]),
  )
}

function getUserAccess({ privilegeLimit }: CommandContext, data: Buffer): Answer {
  const user = byteAt(data, 1) & 0x3f
  if (user === 0 || user > USERS) return refused(COMPLETION.parameterOutOfRange)
  const access = user === ONLY_USER ? 0x30 | privilegeLimit : 0x0f
  return done(Buffer.from([USERS, 0x40 | 1, 0, access]))
}

function getUserName({ controller }: CommandContext, data: Buffer): Answer {
  const user = byteAt(data, 0) & 0x3f
  if (user === 0 || user > USERS) return refused(COMPLETION.parameterOutOfRange)
  const name = Buffer.alloc(16)
  if (user === ONLY_USER) name.write(controller.machine.bmc.username)
  return done(name)
}

const REVISION = 0x11
const STATIC_ADDRESS = 1

/** The parameters that ipmitool and FreeIPMI show of a LAN channel (§23.2). */
function getLanParameter({ controller, dials }: CommandContext, data: Buffer): Answer {
  if (!isLan(byteAt(data, 0))) return refused(COMPLETION.invalidField)
  const { address, mac } = controller.machine.bmc
  const suites = [...dials.suites]
  const values = new Map<number, number[]>([
    [0, [0]],
    [1, [0]],
    [2, [0, 0, 0, 0, 0]],
    [3, address.split('.').map(Number)],
    [4, [STATIC_ADDRESS]],
    [5, mac.split(':').map((byte) => Number.parseInt(byte, 16))],
    [6, [255, 255, 0, 0]],
    [12, [0, 0, 0, 0]],
    [22, [suites.length]],
    [23, [0, ...suites, ...Array<number>(16 - suites.length).fill(0)]],
    [24, [0, ...Array<number>(8).fill(0x44)]],
  ])
  const value = values.get(byteAt(data, 1))
  if (value === undefined) return refused(COMPLETION.parameterNotSupported)
  const revisionOnly = (byteAt(data, 0) & 0x80) !== 0
  return done(Buffer.from([REVISION, ...(revisionOnly ? [] : value)]))
}
