import { createCipheriv, createDecipheriv, timingSafeEqual } from 'node:crypto'
import { type CipherSuite, hmac } from './suites.ts'

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
const aesBlock = 16

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
  integrityKey: Buffer
  aesKey: Buffer
}

export interface SessionPacket {
  sequence: number
  type: number
  payload: Buffer
}

/** An RMCP+ packet outside a session: Open Session and RAKP. */
export function encodePreSession(type: number, payload: Buffer): Buffer {
  return Buffer.concat([header(type, 0, 0, payload.length), payload])
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
  const sealed = encrypt(keys.aesKey, payload, iv)
  const type = kind | encryptedBit | authenticatedBit
  const head = header(type, sessionId, sequence, sealed.length)
  // The HMAC covers auth type to next header, padded to a multiple of four (§13.6 table 13-8, "Integrity PAD").
  const pad = (4 - ((headerBytes - 4 + sealed.length + 2) % 4)) % 4
  const trailer = Buffer.alloc(pad + 2, 0xff)
  trailer[pad] = pad
  trailer[pad + 1] = nextHeader
  const packet = Buffer.concat([head, sealed, trailer])
  return Buffer.concat([packet, icv(keys, packet)])
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
  const signed = packet.subarray(0, signedBytes)
  if (!timingSafeEqual(icv(keys, signed), packet.subarray(signedBytes))) return undefined
  if (signed[signedBytes - 1] !== nextHeader) return undefined
  if (headerBytes + length + (signed[signedBytes - 2] ?? 0) + 2 !== signedBytes) return undefined

  const payload = decrypt(keys.aesKey, packet.subarray(headerBytes, headerBytes + length))
  if (payload === undefined) return undefined
  return { sequence: packet.readUInt32LE(10), type: flags & 0x3f, payload }
}

function isRmcpPlus(packet: Buffer): boolean {
  if (packet.length < headerBytes || packet[4] !== authTypeRmcpPlus) return false
  // The RMCP sequence byte is not compared: it means nothing without RMCP acknowledge.
  return packet[0] === 0x06 && packet[3] === 0x07
}

function header(type: number, sessionId: number, sequence: number, length: number): Buffer {
  const head = Buffer.alloc(headerBytes)
  rmcpHeader.copy(head)
  head[4] = authTypeRmcpPlus
  head[5] = type
  head.writeUInt32LE(sessionId, 6)
  head.writeUInt32LE(sequence, 10)
  head.writeUInt16LE(length, 14)
  return head
}

function icv(keys: SessionKeys, signed: Buffer): Buffer {
  return hmac(keys.suite, keys.integrityKey, signed.subarray(4)).subarray(0, keys.suite.icvBytes)
}

/** AES-CBC-128 with a pad of 01h 02h 03h … and its length (§13.29 table 13-20). */
function encrypt(key: Buffer, payload: Buffer, iv: Buffer): Buffer {
  const pad = (aesBlock - ((payload.length + 1) % aesBlock)) % aesBlock
  const padding = Buffer.from([...Array.from({ length: pad }, (_, index) => index + 1), pad])
  const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false)
  return Buffer.concat([iv, cipher.update(Buffer.concat([payload, padding])), cipher.final()])
}

function decrypt(key: Buffer, sealed: Buffer): Buffer | undefined {
  if (sealed.length < 2 * aesBlock || sealed.length % aesBlock !== 0) return undefined
  const decipher = createDecipheriv('aes-128-cbc', key, sealed.subarray(0, aesBlock)).setAutoPadding(false)
  const plain = Buffer.concat([decipher.update(sealed.subarray(aesBlock)), decipher.final()])
  // Only the length is trusted; some BMCs write other pad bytes, and the HMAC has already vouched for the whole.
  const pad = plain[plain.length - 1] ?? 0
  if (pad >= aesBlock || pad + 1 > plain.length) return undefined
  return plain.subarray(0, plain.length - 1 - pad)
}
