import { type Answer, done, refused } from './answer.ts'
import { byteAt } from './bytes.ts'
import type { AppContext, Command } from './command.ts'
import { COMPLETION, NETFN } from './message.ts'
import { PRIVILEGE } from './sessions.ts'
import { SUITES } from './suites.ts'

export const APP_COMMANDS: readonly Command<AppContext>[] = [
  { netFn: NETFN.app, command: 0x01, privilege: PRIVILEGE.user, minBytes: 0, run: getDeviceId },
  { netFn: NETFN.app, command: 0x04, privilege: PRIVILEGE.user, minBytes: 0, run: getSelfTest },
  { netFn: NETFN.app, command: 0x08, privilege: PRIVILEGE.user, minBytes: 0, run: getGuid },
  // Alone of the identifying commands this one works before a login (IPMI 2.0 §22.14).
  { netFn: NETFN.app, command: 0x37, privilege: 0, minBytes: 0, run: getGuid },
  { netFn: NETFN.app, command: 0x38, privilege: 0, minBytes: 2, run: getAuthenticationCapabilities },
  { netFn: NETFN.app, command: 0x3b, privilege: PRIVILEGE.callback, minBytes: 1, run: setPrivilege },
  { netFn: NETFN.app, command: 0x3c, privilege: PRIVILEGE.callback, minBytes: 4, run: closeSession },
  { netFn: NETFN.app, command: 0x54, privilege: 0, minBytes: 3, run: getCipherSuites },
]

/** The LAN channel's number, and the number that means "the channel that this came by". */
const LAN_CHANNEL = 0x01
const THIS_CHANNEL = 0x0e

function isLanChannel(value: number): boolean {
  const channel = value & 0x0f
  return channel === LAN_CHANNEL || channel === THIS_CHANNEL
}

/** OpenBMC's enterprise number: no client has quirks in store for it. */
const MANUFACTURER = 49871
const DEVICE_ID = Buffer.from([
  0x20, // device id
  0x01, // revision, no SDRs
  0x01, // firmware 1.
  0x10, // .10, as BCD
  0x02, // IPMI 2.0, low digit first
  0x80, // chassis device, nothing else
  MANUFACTURER & 0xff,
  (MANUFACTURER >> 8) & 0xff,
  (MANUFACTURER >> 16) & 0xff,
  0x01, // product
  0x00,
  0x00, // auxiliary firmware revision
  0x00,
  0x00,
  0x00,
])

function getDeviceId(): Answer {
  return done(DEVICE_ID)
}

/** 0x55: no error (IPMI 2.0 §20.4). */
function getSelfTest(): Answer {
  return done(Buffer.from([0x55, 0x00]))
}

function getGuid({ guid }: AppContext): Answer {
  return done(guid)
}

/** IPMI 2.0 §22.13. The lab's BMCs offer no IPMI 1.5 login, so there are no 1.5 authentication types. */
function getAuthenticationCapabilities({ hasBmcKey }: AppContext, data: Buffer): Answer {
  if (!isLanChannel(byteAt(data, 0))) return refused(COMPLETION.invalidField)
  const extended = (byteAt(data, 0) & 0x80) !== 0
  const namedUsers = 0x04
  return done(
    Buffer.from([
      LAN_CHANNEL,
      extended ? 0x80 : 0x00,
      namedUsers | (hasBmcKey ? 0x20 : 0x00),
      extended ? 0x02 : 0x00, // IPMI 2.0 connections only
      0x00,
      0x00,
      0x00,
      0x00,
    ]),
  )
}

/** Level 0 asks for the present one (IPMI 2.0 §22.18). */
function setPrivilege({ session }: AppContext, data: Buffer): Answer {
  if (session?.phase.kind !== 'active') return refused(COMPLETION.insufficientPrivilege)
  const level = byteAt(data, 0) & 0x0f
  if (level === PRIVILEGE.callback || level > 5) return refused(COMPLETION.invalidField)
  if (level > session.phase.limit) return refused(COMPLETION.privilegeExceedsLimit)
  if (level !== 0) session.phase.privilege = level
  return done(Buffer.from([session.phase.privilege]))
}

function closeSession({ session, sessions }: AppContext, data: Buffer): Answer {
  const bmcId = data.readUInt32LE(0)
  if (sessions.find(bmcId) === undefined) return refused(COMPLETION.invalidSessionId)
  // Another's session is the administrator's to close (IPMI 2.0 §22.19).
  const level = session?.phase.kind === 'active' ? session.phase.privilege : 0
  if (bmcId !== session?.bmcId && level < PRIVILEGE.administrator)
    return refused(COMPLETION.insufficientPrivilege)
  sessions.close(bmcId)
  return done()
}

/** IPMI 2.0 §22.15: 16 bytes of the list at a time; a shorter piece is the last. */
function getCipherSuites({ dials }: AppContext, data: Buffer): Answer {
  if (!isLanChannel(byteAt(data, 0))) return refused(COMPLETION.invalidField)
  const bySuite = (byteAt(data, 2) & 0x80) !== 0
  const list = bySuite ? suiteRecords(dials.suites) : algorithmList(dials.suites)
  const start = (byteAt(data, 2) & 0x3f) * 16
  return done(Buffer.from([LAN_CHANNEL, ...list.slice(start, start + 16)]))
}

/** Bits 7:6 of an algorithm's byte: 00 authentication, 01 integrity, 10 confidentiality. */
const INTEGRITY = 0x40
const CONFIDENTIALITY = 0x80
const STANDARD_SUITE = 0xc0

function suiteRecords(ids: AppContext['dials']['suites']): number[] {
  return ids.flatMap((id) => {
    const suite = SUITES[id]
    return [
      STANDARD_SUITE,
      id,
      suite.authentication,
      INTEGRITY | suite.integrity,
      CONFIDENTIALITY | suite.confidentiality,
    ]
  })
}

function algorithmList(ids: AppContext['dials']['suites']): number[] {
  const suites = ids.map((id) => SUITES[id])
  return [
    ...new Set([
      ...suites.map((suite) => suite.authentication),
      ...suites.map((suite) => INTEGRITY | suite.integrity),
      ...suites.map((suite) => CONFIDENTIALITY | suite.confidentiality),
    ]),
  ]
}
