import { PayloadCipher } from './aes.ts'
import type { Credentials } from './credentials.ts'
import { MacKey } from './mac-key.ts'
import type { SessionKeys } from './rmcp.ts'
import type { CipherSuite } from './suites.ts'

/** Privilege levels (IPMI 2.0 §22.18 table 22-23). USER may read, OPERATOR may do power and boot options (appendix G). */
export const privilege = { user: 0x02, operator: 0x03, administrator: 0x04 } as const
export type Privilege = (typeof privilege)[keyof typeof privilege]

/** "Look up the user by name alone", bit 4 of the role byte (§13.20 table 13-11). */
const nameOnlyLookup = 0x10

/** The message tags of one question's transmissions. */
export interface Tags {
  has(tag: number): boolean
}

/** Everything that the two sides have said so far; RAKP hashes all of it. */
export interface Handshake {
  suite: CipherSuite
  privilege: Privilege
  credentials: Credentials
  /** SID_M: how the BMC addresses us. */
  consoleId: number
  /** SID_C: how we address the BMC. */
  bmcId: number
  /** R_M and R_C: 16 random bytes of each side. */
  consoleRandom: Buffer
  bmcRandom: Buffer
  bmcGuid: Buffer
}

/** A status other than zero is a refusal (§13.24 table 13-15). */
export type OpenSessionReply = { status: number } | { status: 0; bmcId: number }
export type Rakp2 = { status: number } | { status: 0; bmcRandom: Buffer; bmcGuid: Buffer; authCode: Buffer }
export type Rakp4 = { status: number } | { status: 0; icv: Buffer }

/** RMCP+ Open Session Request (§13.17 table 13-9). The level is asked by name: 0, "highest", is misread by some BMCs. */
export function encodeOpenSession(
  tag: number,
  suite: CipherSuite,
  level: Privilege,
  consoleId: number,
): Buffer {
  const payload = Buffer.alloc(32)
  payload[0] = tag
  payload[1] = level
  payload.writeUInt32LE(consoleId, 4)
  writeAlgorithm(payload, 0, suite.authentication)
  writeAlgorithm(payload, 1, suite.integrity)
  writeAlgorithm(payload, 2, suite.confidentiality)
  return payload
}

function writeAlgorithm(payload: Buffer, kind: number, algorithm: number): void {
  const start = 8 + kind * 8
  payload[start] = kind
  payload[start + 3] = 8
  payload[start + 4] = algorithm
}

/**
 * RMCP+ Open Session Response (§13.18 table 13-10). The returned maximum privilege is not looked at: several BMCs
 * return nonsense there. Algorithms other than the ones asked for count as "no matching suite".
 */
export function decodeOpenSession(
  payload: Buffer,
  tags: Tags,
  suite: CipherSuite,
  consoleId: number,
): OpenSessionReply | undefined {
  const tag = payload[0]
  const status = payload[1]
  if (tag === undefined || status === undefined || !tags.has(tag)) return undefined
  // A refusal may be cut short after the status (§13.18 note 1).
  if (status !== 0) return { status }
  if (payload.length < 36 || payload.readUInt32LE(4) !== consoleId) return undefined
  const bmcId = payload.readUInt32LE(8)
  if (bmcId === 0) return undefined
  const agreed =
    payload[16] === suite.authentication &&
    payload[24] === suite.integrity &&
    payload[32] === suite.confidentiality
  return agreed ? { status: 0, bmcId } : { status: noMatchingSuite }
}

const noMatchingSuite = 0x11

/** RAKP Message 1 (§13.20 table 13-11). */
export function encodeRakp1(tag: number, handshake: Handshake): Buffer {
  const { username } = handshake.credentials
  const message = Buffer.alloc(28 + username.length)
  message[0] = tag
  message.writeUInt32LE(handshake.bmcId, 4)
  handshake.consoleRandom.copy(message, 8)
  message[24] = role(handshake)
  message[27] = username.length
  username.copy(message, 28)
  return message
}

/** RAKP Message 2 (§13.21 table 13-12). */
export function decodeRakp2(payload: Buffer, tag: number, handshake: Handshake): Rakp2 | undefined {
  const status = payload[1]
  if (status === undefined || payload[0] !== tag) return undefined
  if (status !== 0) return { status }
  if (payload.length < 40 + handshake.suite.hashBytes) return undefined
  if (payload.readUInt32LE(4) !== handshake.consoleId) return undefined
  return {
    status: 0,
    bmcRandom: Buffer.from(payload.subarray(8, 24)),
    bmcGuid: Buffer.from(payload.subarray(24, 40)),
    authCode: Buffer.from(payload.subarray(40, 40 + handshake.suite.hashBytes)),
  }
}

/** RAKP Message 3 (§13.22 table 13-13); with a status other than zero it ends the login and frees the BMC's slot. */
export function encodeRakp3(tag: number, status: number, handshake: Handshake): Buffer {
  const head = Buffer.alloc(8)
  head[0] = tag
  head[1] = status
  head.writeUInt32LE(handshake.bmcId, 4)
  return status === 0 ? Buffer.concat([head, rakp3AuthCode(handshake)]) : head
}

/** RAKP Message 4 (§13.23 table 13-14). */
export function decodeRakp4(payload: Buffer, tags: Tags, handshake: Handshake): Rakp4 | undefined {
  const tag = payload[0]
  const status = payload[1]
  if (tag === undefined || status === undefined || !tags.has(tag)) return undefined
  if (status !== 0) return { status }
  if (payload.length < 8 + handshake.suite.icvBytes) return undefined
  if (payload.readUInt32LE(4) !== handshake.consoleId) return undefined
  return { status: 0, icv: Buffer.from(payload.subarray(8, 8 + handshake.suite.icvBytes)) }
}

/** Key exchange code that RAKP 2 must carry: HMAC by K_UID over SID_M, SID_C, R_M, R_C, GUID_C, role, name (§13.31). */
export function rakp2AuthCode(handshake: Handshake): Buffer {
  return passwordKey(handshake).sign(
    uint32(handshake.consoleId),
    uint32(handshake.bmcId),
    handshake.consoleRandom,
    handshake.bmcRandom,
    handshake.bmcGuid,
    roleAndName(handshake),
  )
}

/** HMAC by K_UID over R_C, SID_M, role, name (§13.31). */
export function rakp3AuthCode(handshake: Handshake): Buffer {
  return passwordKey(handshake).sign(handshake.bmcRandom, uint32(handshake.consoleId), roleAndName(handshake))
}

/** Session integrity key: HMAC by K_G, or by K_UID where there is none, over R_M, R_C, role, name (§13.31). */
export function sessionIntegrityKey(handshake: Handshake): MacKey {
  const { suite, credentials } = handshake
  const key = credentials.kg === undefined ? passwordKey(handshake) : new MacKey(suite, credentials.kg)
  return new MacKey(suite, key.sign(handshake.consoleRandom, handshake.bmcRandom, roleAndName(handshake)))
}

/** Integrity check value of RAKP 4: truncated HMAC by the SIK over R_M, SID_C, GUID_C (§13.31). */
export function rakp4Icv(handshake: Handshake, sik = sessionIntegrityKey(handshake)): Buffer {
  const { consoleRandom, bmcId, bmcGuid } = handshake
  return sik.icv(consoleRandom, uint32(bmcId), bmcGuid)
}

const constant1 = Buffer.alloc(20, 0x01)
const constant2 = Buffer.alloc(20, 0x02)

/** K1 and K2: HMAC by the SIK over twenty bytes of 01h or 02h; AES takes the first 16 bytes of K2 (§13.32). */
export function sessionKeys(handshake: Handshake, sik = sessionIntegrityKey(handshake)): SessionKeys {
  const { suite } = handshake
  return {
    suite,
    integrity: new MacKey(suite, sik.sign(constant1)),
    cipher: new PayloadCipher(sik.sign(constant2).subarray(0, 16)),
  }
}

/** K_UID. */
function passwordKey({ suite, credentials }: Handshake): MacKey {
  return new MacKey(suite, credentials.password)
}

function role(handshake: Handshake): number {
  return nameOnlyLookup | handshake.privilege
}

function roleAndName(handshake: Handshake): Buffer {
  const { username } = handshake.credentials
  const bytes = Buffer.allocUnsafe(2 + username.length)
  bytes[0] = role(handshake)
  bytes[1] = username.length
  username.copy(bytes, 2)
  return bytes
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
