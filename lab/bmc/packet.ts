import { byteAt, le16, le32 } from './bytes.ts'

/** RMCP message classes (ASF 2.0 §3.2.2.2). */
const CLASS_ASF = 0x06
const CLASS_IPMI = 0x07
const RMCP_VERSION = 0x06
/** This sequence number asks for no RMCP acknowledge; IPMI uses no other. */
const RMCP_NO_ACK = 0xff
const RMCP_HEADER_BYTES = 4

/** IANA enterprise number of the ASF/RMCP group, 4542. */
const ASF_IANA = Buffer.from([0x00, 0x00, 0x11, 0xbe])
const ASF_PING = 0x80
const ASF_PONG = 0x40

/** Session header's authentication type byte (IPMI 2.0 table 13-8). */
const AUTH_NONE = 0x00
const AUTH_RMCP_PLUS = 0x06

/** RMCP+ payload types (IPMI 2.0 table 13-16). */
export const PAYLOAD = {
  ipmi: 0x00,
  sol: 0x01,
  oem: 0x02,
  openRequest: 0x10,
  openResponse: 0x11,
  rakp1: 0x12,
  rakp2: 0x13,
  rakp3: 0x14,
  rakp4: 0x15,
} as const

/** IPMI 1.5 session header without authentication: all that sessionless commands need. */
export interface PlainPacket {
  kind: 'plain'
  sessionId: number
  sequence: number
  payload: Buffer
}

/** RMCP+ packet. When `encrypted`, `payload` is the ciphertext with its IV in front. */
export interface RmcpPlusPacket {
  kind: 'rmcp+'
  payloadType: number
  encrypted: boolean
  authenticated: boolean
  sessionId: number
  sequence: number
  payload: Buffer
  /** From the authentication type to the next-header byte: what the integrity check value covers. Not for encoding. */
  covered: Buffer
  /** Integrity check value; empty when not authenticated. */
  icv: Buffer
}

export interface AsfPing {
  kind: 'asf-ping'
  tag: number
}

export type Packet = PlainPacket | RmcpPlusPacket | AsfPing

/** Null: not a packet that a BMC would look at. */
export function decodePacket(datagram: Buffer): Packet | null {
  if (datagram.length < RMCP_HEADER_BYTES + 1 || datagram[0] !== RMCP_VERSION) return null
  const body = datagram.subarray(RMCP_HEADER_BYTES)
  if (datagram[3] === CLASS_ASF) return decodePing(body)
  if (datagram[3] !== CLASS_IPMI) return null
  if (body[0] === AUTH_NONE) return decodePlain(body)
  if (body[0] === AUTH_RMCP_PLUS) return decodeRmcpPlus(body)
  return null
}

function rmcp(messageClass: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([RMCP_VERSION, 0x00, RMCP_NO_ACK, messageClass]), body])
}

function decodePing(body: Buffer): AsfPing | null {
  if (body.length < 8 || !body.subarray(0, 4).equals(ASF_IANA) || body[4] !== ASF_PING) return null
  return { kind: 'asf-ping', tag: byteAt(body, 5) }
}

/** ASF 2.0 §3.2.4.2: entities 0x81 = IPMI supported, ASF version 1. */
export function encodePong(tag: number): Buffer {
  const data = Buffer.concat([ASF_IANA, Buffer.alloc(4), Buffer.from([0x81]), Buffer.alloc(7)])
  return rmcp(CLASS_ASF, Buffer.concat([ASF_IANA, Buffer.from([ASF_PONG, tag, 0x00, data.length]), data]))
}

function decodePlain(body: Buffer): PlainPacket | null {
  if (body.length < 10) return null
  const length = byteAt(body, 9)
  if (body.length < 10 + length) return null
  return {
    kind: 'plain',
    sequence: body.readUInt32LE(1),
    sessionId: body.readUInt32LE(5),
    payload: body.subarray(10, 10 + length),
  }
}

export function encodePlain(payload: Buffer): Buffer {
  const header = Buffer.alloc(10)
  header[9] = payload.length
  return rmcp(CLASS_IPMI, Buffer.concat([header, payload]))
}

/** A packet of an active session, whose last bytes are its integrity check value. */
export function isAuthenticated(datagram: Buffer): boolean {
  return datagram[3] === CLASS_IPMI && datagram[4] === AUTH_RMCP_PLUS && (byteAt(datagram, 5) & 0x40) !== 0
}

const RMCP_PLUS_HEADER_BYTES = 12

function decodeRmcpPlus(body: Buffer): RmcpPlusPacket | null {
  if (body.length < RMCP_PLUS_HEADER_BYTES) return null
  const type = byteAt(body, 1)
  // OEM payloads have a longer header; nothing here speaks one.
  if ((type & 0x3f) === PAYLOAD.oem) return null
  const end = RMCP_PLUS_HEADER_BYTES + body.readUInt16LE(10)
  if (body.length < end) return null
  const authenticated = (type & 0x40) !== 0
  const trailer = authenticated ? trailerEnd(body, end) : end
  if (trailer === null) return null
  return {
    kind: 'rmcp+',
    payloadType: type & 0x3f,
    encrypted: (type & 0x80) !== 0,
    authenticated,
    sessionId: body.readUInt32LE(2),
    sequence: body.readUInt32LE(6),
    payload: body.subarray(RMCP_PLUS_HEADER_BYTES, end),
    covered: body.subarray(0, trailer),
    icv: authenticated ? body.subarray(trailer) : Buffer.alloc(0),
  }
}

/** Where the session trailer (pad, pad length, next header) that follows the payload ends; null: malformed. */
function trailerEnd(body: Buffer, payloadEnd: number): number | null {
  const pad = integrityPad(payloadEnd)
  const end = payloadEnd + pad + 2
  if (body.length <= end || body[end - 2] !== pad) return null
  return end
}

/** The covered bytes come in multiples of four, pad length and next header included (IPMI 2.0 §13.28.4). */
function integrityPad(payloadEnd: number): number {
  return (4 - ((payloadEnd + 2) % 4)) % 4
}

const NEXT_HEADER = 0x07

/** `sign` gets the covered bytes and returns the integrity check value; without it the packet is not authenticated. */
export function encodeRmcpPlus(
  packet: Pick<RmcpPlusPacket, 'payloadType' | 'encrypted' | 'sessionId' | 'sequence' | 'payload'>,
  sign?: (covered: Buffer) => Buffer,
): Buffer {
  const type = packet.payloadType | (packet.encrypted ? 0x80 : 0) | (sign === undefined ? 0 : 0x40)
  const body = Buffer.concat([
    Buffer.from([AUTH_RMCP_PLUS, type]),
    le32(packet.sessionId),
    le32(packet.sequence),
    le16(packet.payload.length),
    packet.payload,
  ])
  if (sign === undefined) return rmcp(CLASS_IPMI, body)
  const pad = integrityPad(body.length)
  const covered = Buffer.concat([body, Buffer.alloc(pad, 0xff), Buffer.from([pad, NEXT_HEADER])])
  return rmcp(CLASS_IPMI, Buffer.concat([covered, sign(covered)]))
}
