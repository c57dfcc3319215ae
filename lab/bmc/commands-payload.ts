import { type Answer, done, refused } from './answer.ts'
import { byteAt, le16, le32 } from './bytes.ts'
import type { Command, CommandContext } from './command.ts'
import { COMPLETION, NETFN } from './message.ts'
import { PAYLOAD } from './packet.ts'
import { PRIVILEGE } from './sessions.ts'
import { SOL_INBOUND_CHARACTERS, SOL_OUTBOUND_CHARACTERS } from './sol-channel.ts'

/** Completion codes of Activate and Deactivate Payload (IPMI 2.0 §24.1, §24.2). */
const ALREADY_ACTIVE = 0x80
const ALREADY_DEACTIVATED = 0x80
const PAYLOAD_DISABLED = 0x81
const NOT_WITHOUT_ENCRYPTION = 0x84

const NO_VLAN = 0xffff
const SOL_HEADER_BYTES = 4

export const PAYLOAD_COMMANDS: readonly Command[] = [
  { netFn: NETFN.app, command: 0x48, privilege: PRIVILEGE.user, minBytes: 6, run: activate },
  { netFn: NETFN.app, command: 0x49, privilege: PRIVILEGE.user, minBytes: 6, run: deactivate },
  { netFn: NETFN.app, command: 0x4a, privilege: PRIVILEGE.user, minBytes: 1, run: activationStatus },
  { netFn: NETFN.app, command: 0x4b, privilege: PRIVILEGE.user, minBytes: 2, run: instanceInfo },
  { netFn: NETFN.app, command: 0x4c, privilege: PRIVILEGE.administrator, minBytes: 6, run: setUserAccess },
  { netFn: NETFN.app, command: 0x4d, privilege: PRIVILEGE.operator, minBytes: 2, run: getUserAccess },
  { netFn: NETFN.app, command: 0x4e, privilege: PRIVILEGE.user, minBytes: 1, run: channelSupport },
  { netFn: NETFN.app, command: 0x4f, privilege: PRIVILEGE.user, minBytes: 2, run: channelVersion },
  {
    netFn: NETFN.transport,
    command: 0x21,
    privilege: PRIVILEGE.administrator,
    minBytes: 3,
    run: ({ sol }, data) => sol.settings.set(data),
  },
  {
    netFn: NETFN.transport,
    command: 0x22,
    privilege: PRIVILEGE.user,
    minBytes: 4,
    run: ({ sol }, data) => sol.settings.get(data),
  },
]

/** The one payload that can be activated, in its one instance. */
function isSol(data: Buffer): boolean {
  return (byteAt(data, 0) & 0x3f) === PAYLOAD.sol && (byteAt(data, 1) & 0x0f) === 1
}

function activate({ sol, session, dials, port }: CommandContext, data: Buffer): Answer {
  if (session?.phase.kind !== 'active' || !isSol(data)) return refused(COMPLETION.invalidField)
  if (!sol.settings.enabled || !sol.allowedToUser) return refused(PAYLOAD_DISABLED)
  if (session.phase.privilege < sol.settings.privilege) return refused(COMPLETION.insufficientPrivilege)
  if (sol.owner() !== null) return refused(ALREADY_ACTIVE)
  const encrypted = (byteAt(data, 2) & 0x80) !== 0
  if (!encrypted && sol.settings.forcesEncryption) return refused(NOT_WITHOUT_ENCRYPTION)
  sol.activate(session, encrypted)
  return done(
    Buffer.concat([
      Buffer.alloc(4),
      le16(SOL_INBOUND_CHARACTERS + SOL_HEADER_BYTES),
      le16(SOL_OUTBOUND_CHARACTERS + SOL_HEADER_BYTES),
      le16(dials.solPort || port),
      le16(NO_VLAN),
    ]),
  )
}

function deactivate({ sol, session }: CommandContext, data: Buffer): Answer {
  if (session?.phase.kind !== 'active' || !isSol(data)) return refused(COMPLETION.invalidField)
  if (session.phase.privilege < sol.settings.privilege) return refused(COMPLETION.insufficientPrivilege)
  const owner = sol.owner()
  if (owner === null) return refused(ALREADY_DEACTIVATED)
  sol.deactivate(owner !== session)
  return done()
}

/** Instances that exist, and which of them are active, as bits. */
function activationStatus({ sol }: CommandContext, data: Buffer): Answer {
  if ((byteAt(data, 0) & 0x3f) !== PAYLOAD.sol) return done(Buffer.from([0, 0, 0]))
  return done(Buffer.from([1, sol.owner() === null ? 0 : 1, 0]))
}

/** Session id of the owner, then the serial port's number (IPMI 2.0 §24.5). */
function instanceInfo({ sol }: CommandContext, data: Buffer): Answer {
  if (!isSol(data)) return refused(COMPLETION.invalidField)
  const owner = sol.owner()
  const details = Buffer.alloc(8)
  details[0] = 1
  return done(Buffer.concat([le32(owner?.bmcId ?? 0), owner === null ? Buffer.alloc(8) : details]))
}

/** Channel, user and operation, then the standard payloads as bits: bit 1 is SOL. */
function setUserAccess({ sol }: CommandContext, data: Buffer): Answer {
  const names = (byteAt(data, 2) & 2) !== 0
  const disable = byteAt(data, 1) >> 6 === 1
  if (names) sol.allowedToUser = !disable
  return done()
}

function getUserAccess({ sol }: CommandContext): Answer {
  return done(Buffer.from([sol.allowedToUser ? 2 : 0, 0, 0, 0]))
}

/** Standard payloads IPMI and SOL; the four of the session setup (IPMI 2.0 §24.8). */
function channelSupport(): Answer {
  return done(Buffer.from([0x03, 0x00, 0x3f, 0x00, 0x00, 0x00, 0x00, 0x00]))
}

/** 1.0 of each that there is. */
function channelVersion(_: CommandContext, data: Buffer): Answer {
  const type = byteAt(data, 1) & 0x3f
  const known =
    type === PAYLOAD.ipmi || type === PAYLOAD.sol || (type >= PAYLOAD.openRequest && type <= PAYLOAD.rakp4)
  return known ? done(Buffer.from([0x10])) : refused(COMPLETION.parameterNotSupported)
}
