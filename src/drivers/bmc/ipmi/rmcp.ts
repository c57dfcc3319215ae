import { timingSafeEqual } from 'node:crypto'
import { PayloadCipher } from './aes.ts'
import type { MacKey } from './mac-key.ts'
import type { CipherSuite } from './suites.ts'

/**
 * RMCP header: version 6, reserved, sequence FFh (no RMCP acknowledge), class 7 = IPMI (IPMI 2.0 §13.1.3 table 13-2).
 */
const rmcpHeader = Buffer.from([0x06, 0x00, 0xff, 0x07])
/** Authentication type "RMCP+" in the session header (§13.6 table 13-8). */
const authTypeRmcpPlus = 0x06
const authTypeNone = 0x00
/** RMCP header, auth type, payload type, session id, sequence number, payload length. */
const headerBytes = 16
const encryptedBit = 0x80
const authenticatedBit = 0x40
/** "Next header" in the trailer, reserved as 07h (table 13-8). */
const nextHeader = 0x07

/** Payload types (§13.27.3 table 13-16). */
export const payloadType = {
  ipmi: 0x00,
  sol: 0x01,
  openSessionRequest: 0x10,
  openSessionResponse: 0x11,
  rakp1: 0x12,
  rakp2: 0x13,
  rakp3: 0x14,
  rakp4: 0x15,
} as const

/** What protects the packets of one session: K1 and the first 16 bytes of K2 (§13.32). */
export interface SessionKeys {
  suite: CipherSuite
  integrity: MacKey
  cipher: PayloadCipher
}

export interface SessionPacket {
  sequence: number
  type: number
  payload: Buffer
}

/** An RMCP+ packet outside a session: Open Session and RAKP. */
export function encodePreSession(type: number, payload: Buffer): Buffer {
  const packet = Buffer.allocUnsafe(headerBytes + payload.length)
  writeHeader(packet, type, 0, 0, payload.length)
  payload.copy(packet, headerBytes)
  return packet
}

/** The payload, if this is a well-formed RMCP+ packet outside a session of that type. */
export function decodePreSession(packet: Buffer, type: number): Buffer | undefined {
  if (!isRmcpPlus(packet) || packet[5] !== type) return undefined
  if (packet.readUInt32LE(6) !== 0) return undefined
  const length = packet.readUInt16LE(14)
  if (packet.length < headerBytes + length) return undefined
  return packet.subarray(headerBytes, headerBytes + length)
}

/** An IPMI 1.5 packet without session: what a sessionless command travels in (§13.6 table 13-8, left column). */
export function encodeSessionless(message: Buffer): Buffer {
  const head = Buffer.alloc(10)
  head[0] = authTypeNone
  head[9] = message.length
  return Buffer.concat([rmcpHeader, head, message])
}

export function decodeSessionless(packet: Buffer): Buffer | undefined {
  if (packet.length < 14 || !packet.subarray(0, 4).equals(rmcpHeader) || packet[4] !== authTypeNone)
    return undefined
  const length = packet[13] ?? 0
  if (packet.length < 14 + length) return undefined
  return packet.subarray(14, 14 + length)
}

/** An encrypted and authenticated packet. `sessionId` is the BMC's, `iv` 16 fresh random bytes. */
export function encodeInSession(
  keys: SessionKeys,
  sessionId: number,
  sequence: number,
  payload: Buffer,
  iv: Buffer,
  kind: number = payloadType.ipmi,
): Buffer {
  const length = PayloadCipher.sealedBytes(payload.length)
  // The HMAC covers auth type to next header, padded to a multiple of four (§13.6 table 13-8, "Integrity PAD").
  const pad = (4 - ((headerBytes - 4 + length + 2) % 4)) % 4
  const signedBytes = headerBytes + length + pad + 2
  const packet = Buffer.allocUnsafe(signedBytes + keys.suite.icvBytes)
  writeHeader(packet, kind | encryptedBit | authenticatedBit, sessionId, sequence, length)
  keys.cipher.seal(payload, iv, packet, headerBytes)
  packet.fill(0xff, headerBytes + length, headerBytes + length + pad)
  packet[signedBytes - 2] = pad
  packet[signedBytes - 1] = nextHeader
  packet.set(icv(keys, packet, signedBytes), signedBytes)
  return packet
}

/**
 * The contents of a packet of our session, or undefined for anything else: another session, without encryption or
 * HMAC, with a wrong HMAC, or malformed. Those are dropped without a word, as §6.12.7 wants.
 */
export function decodeInSession(
  keys: SessionKeys,
  sessionId: number,
  packet: Buffer,
): SessionPacket | undefined {
  if (!isRmcpPlus(packet)) return undefined
  const flags = packet[5] ?? 0
  if ((flags & encryptedBit) === 0 || (flags & authenticatedBit) === 0) return undefined
  if (packet.readUInt32LE(6) !== sessionId) return undefined

  const signedBytes = packet.length - keys.suite.icvBytes
  const length = packet.readUInt16LE(14)
  if (signedBytes < headerBytes + length + 2) return undefined
  if (!timingSafeEqual(icv(keys, packet, signedBytes), packet.subarray(signedBytes))) return undefined
  if (packet[signedBytes - 1] !== nextHeader) return undefined
  if (headerBytes + length + (packet[signedBytes - 2] ?? 0) + 2 !== signedBytes) return undefined

  const payload = keys.cipher.open(packet.subarray(headerBytes, headerBytes + length))
  if (payload === undefined) return undefined
  return { sequence: packet.readUInt32LE(10), type: flags & 0x3f, payload }
}

function isRmcpPlus(packet: Buffer): boolean {
  if (packet.length < headerBytes || packet[4] !== authTypeRmcpPlus) return false
  // The RMCP sequence byte is not compared: it means nothing without RMCP acknowledge.
  return packet[0] === 0x06 && packet[3] === 0x07
}

function writeHeader(
  packet: Buffer,
  type: number,
  sessionId: number,
  sequence: number,
  length: number,
): void {
  rmcpHeader.copy(packet)
  packet[4] = authTypeRmcpPlus
  packet[5] = type
  packet.writeUInt32LE(sessionId, 6)
  packet.writeUInt32LE(sequence, 10)
  packet.writeUInt16LE(length, 14)
}

/** From the authentication type on (§13.28.4). */
function icv(keys: SessionKeys, packet: Buffer, signedBytes: number): Buffer {
  return keys.integrity.icv(packet.subarray(4, signedBytes))
}
