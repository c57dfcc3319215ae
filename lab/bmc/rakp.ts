import { byteAt, le32 } from './bytes.ts'
import { checkValue, hmac, type SessionKeys, type Suite, sessionKeys } from './suites.ts'

/** RMCP+ and RAKP status codes (IPMI 2.0 table 13-15). */
export const STATUS = {
  ok: 0x00,
  insufficientResources: 0x01,
  invalidSessionId: 0x02,
  invalidAuthentication: 0x04,
  invalidIntegrity: 0x05,
  invalidRole: 0x09,
  unauthorizedRole: 0x0a,
  unauthorizedName: 0x0d,
  invalidIcv: 0x0f,
  invalidConfidentiality: 0x10,
  noSuiteMatch: 0x11,
  illegalParameter: 0x12,
} as const

/** The three algorithm numbers of an Open Session message; null where the console leaves the choice to the BMC. */
export interface Algorithms {
  authentication: number | null
  integrity: number | null
  confidentiality: number | null
}

export interface OpenRequest {
  tag: number
  privilege: number
  consoleId: number
  algorithms: Algorithms
}

const OPEN_REQUEST_BYTES = 32

export function decodeOpenRequest(bytes: Buffer): OpenRequest | null {
  if (bytes.length < OPEN_REQUEST_BYTES) return null
  const algorithm = (offset: number) => (bytes[offset + 3] === 0 ? null : byteAt(bytes, offset + 4) & 0x3f)
  return {
    tag: byteAt(bytes, 0),
    privilege: byteAt(bytes, 1) & 0x0f,
    consoleId: bytes.readUInt32LE(4),
    algorithms: { authentication: algorithm(8), integrity: algorithm(16), confidentiality: algorithm(24) },
  }
}

/** Three records of payload type, 8 bytes long, with one algorithm number each. */
function algorithmRecords(suite: Suite): Buffer {
  const numbers = [suite.authentication, suite.integrity, suite.confidentiality]
  return Buffer.from(numbers.flatMap((number, type) => [type, 0, 0, 8, number, 0, 0, 0]))
}

export function encodeOpenRequest(tag: number, privilege: number, consoleId: number, suite: Suite): Buffer {
  return Buffer.concat([Buffer.from([tag, privilege, 0, 0]), le32(consoleId), algorithmRecords(suite)])
}

export function encodeOpenResponse(
  request: OpenRequest,
  accepted: { suite: Suite; bmcId: number; privilege: number },
): Buffer {
  return Buffer.concat([
    Buffer.from([request.tag, STATUS.ok, accepted.privilege, 0]),
    le32(request.consoleId),
    le32(accepted.bmcId),
    algorithmRecords(accepted.suite),
  ])
}

/** A refusal, of Open Session or a RAKP message: tag, status and the console's session id, no more. */
export function encodeRefusal(tag: number, status: number, consoleId: number): Buffer {
  return Buffer.concat([Buffer.from([tag, status, 0, 0]), le32(consoleId)])
}

/** What every answer of the handshake starts with. */
export interface HandshakeAnswer {
  tag: number
  status: number
  consoleId: number
  /** What follows the first eight bytes. */
  rest: Buffer
}

export function decodeAnswer(bytes: Buffer): HandshakeAnswer | null {
  if (bytes.length < 8) return null
  return {
    tag: byteAt(bytes, 0),
    status: byteAt(bytes, 1),
    consoleId: bytes.readUInt32LE(4),
    rest: bytes.subarray(8),
  }
}

export interface Rakp1 {
  tag: number
  bmcId: number
  random: Buffer
  /** The whole role byte, as it goes into the HMACs: bit 4 = look up by name only, bits 3:0 = privilege. */
  role: number
  username: Buffer
}

export function decodeRakp1(bytes: Buffer): Rakp1 | null {
  if (bytes.length < 28) return null
  const length = byteAt(bytes, 27)
  if (length > 16 || bytes.length < 28 + length) return null
  return {
    tag: byteAt(bytes, 0),
    bmcId: bytes.readUInt32LE(4),
    random: bytes.subarray(8, 24),
    role: byteAt(bytes, 24),
    username: bytes.subarray(28, 28 + length),
  }
}

export function encodeRakp1(message: Rakp1): Buffer {
  return Buffer.concat([
    Buffer.from([message.tag, 0, 0, 0]),
    le32(message.bmcId),
    message.random,
    Buffer.from([message.role, 0, 0, message.username.length]),
    message.username,
  ])
}

/** The status byte and what follows it, of RAKP 2, 3 and 4. `toId` is the receiver's session id. */
export function encodeRakp(tag: number, status: number, toId: number, ...rest: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([tag, status, 0, 0]), le32(toId), ...rest])
}

export interface Rakp3 {
  tag: number
  status: number
  bmcId: number
  authCode: Buffer
}

export function decodeRakp3(bytes: Buffer): Rakp3 | null {
  if (bytes.length < 8) return null
  return {
    tag: byteAt(bytes, 0),
    status: byteAt(bytes, 1),
    bmcId: bytes.readUInt32LE(4),
    authCode: bytes.subarray(8),
  }
}

/** Everything that the two sides have told each other after RAKP 2, and what they both know. */
export interface Exchange {
  suite: Suite
  consoleId: number
  bmcId: number
  consoleRandom: Buffer
  bmcRandom: Buffer
  bmcGuid: Buffer
  role: number
  username: Buffer
  password: Buffer
  /** K_g, the BMC's own key; empty when the BMC has none, then the password takes its place. */
  bmcKey: Buffer
}

function roleAndName(exchange: Exchange): Buffer {
  return Buffer.concat([Buffer.from([exchange.role, exchange.username.length]), exchange.username])
}

/** Key exchange authentication code of RAKP 2 (IPMI 2.0 §13.31). */
export function rakp2Code(x: Exchange): Buffer {
  const ids = [le32(x.consoleId), le32(x.bmcId)]
  return hmac(x.suite, x.password, ...ids, x.consoleRandom, x.bmcRandom, x.bmcGuid, roleAndName(x))
}

export function rakp3Code(x: Exchange): Buffer {
  return hmac(x.suite, x.password, x.bmcRandom, le32(x.consoleId), roleAndName(x))
}

export function exchangeKeys(x: Exchange): SessionKeys {
  const key = x.bmcKey.length > 0 ? x.bmcKey : x.password
  return sessionKeys(x.suite, hmac(x.suite, key, x.consoleRandom, x.bmcRandom, roleAndName(x)))
}

export function rakp4Code(x: Exchange, keys: SessionKeys): Buffer {
  return checkValue(x.suite, keys.sik, x.consoleRandom, le32(x.bmcId), x.bmcGuid)
}
