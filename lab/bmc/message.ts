import { byteAt } from './bytes.ts'

/** Slave address of every BMC (IPMI 2.0 §5.5). */
export const BMC_ADDRESS = 0x20
/** The usual software id of a remote console. */
const CONSOLE_ADDRESS = 0x81

/** Network function codes of requests (IPMI 2.0 table 5-1); the answer's is one higher. */
export const NETFN = { chassis: 0x00, sensor: 0x04, app: 0x06, storage: 0x0a, transport: 0x0c } as const

/** IPMI 2.0 table 5-2. */
export const COMPLETION = {
  ok: 0x00,
  /** Of Get/Set System Boot Options: parameter not supported. */
  parameterNotSupported: 0x80,
  /** Of Close Session: no such session. */
  invalidSessionId: 0x87,
  /** Of Set Session Privilege Level: above what user or channel allow. */
  privilegeExceedsLimit: 0x81,
  invalidCommand: 0xc1,
  outOfSpace: 0xc4,
  reservationCancelled: 0xc5,
  lengthInvalid: 0xc7,
  parameterOutOfRange: 0xc9,
  /** "Cannot return number of requested data bytes." */
  tooMuchAsked: 0xca,
  /** "Requested sensor, data or record not present." */
  notPresent: 0xcb,
  invalidField: 0xcc,
  insufficientPrivilege: 0xd4,
  notInPresentState: 0xd5,
} as const

export interface Request {
  netFn: number
  command: number
  data: Buffer
  /** 0..63, chosen by the requester; the answer carries it back. */
  sequence: number
  requester: number
  requesterLun: number
  responderLun: number
}

export interface Response {
  netFn: number
  command: number
  sequence: number
  completion: number
  data: Buffer
}

/** Two's complement of the sum (IPMI 2.0 §13.8). */
function checksum(bytes: Buffer): number {
  let sum = 0
  for (const byte of bytes) sum += byte
  return -sum & 0xff
}

function frame(
  first: number,
  netFnLun: number,
  second: number,
  sequenceLun: number,
  command: number,
  rest: Buffer,
) {
  const head = Buffer.from([first, netFnLun])
  const body = Buffer.concat([Buffer.from([second, sequenceLun, command]), rest])
  return Buffer.concat([head, Buffer.from([checksum(head)]), body, Buffer.from([checksum(body)])])
}

function checksumsHold(bytes: Buffer): boolean {
  return (
    checksum(bytes.subarray(0, 2)) === bytes[2] &&
    checksum(bytes.subarray(3, bytes.length - 1)) === bytes[bytes.length - 1]
  )
}

/** Null: too short, a wrong checksum, a response, or for another controller than the BMC. */
export function decodeRequest(bytes: Buffer): Request | null {
  if (bytes.length < 7 || bytes[0] !== BMC_ADDRESS || !checksumsHold(bytes)) return null
  const netFn = byteAt(bytes, 1) >> 2
  if (netFn % 2 === 1) return null
  return {
    netFn,
    responderLun: byteAt(bytes, 1) & 3,
    requester: byteAt(bytes, 3),
    sequence: byteAt(bytes, 4) >> 2,
    requesterLun: byteAt(bytes, 4) & 3,
    command: byteAt(bytes, 5),
    data: bytes.subarray(6, bytes.length - 1),
  }
}

export function encodeResponse(request: Request, completion: number, data: Buffer): Buffer {
  return frame(
    request.requester,
    ((request.netFn + 1) << 2) | request.requesterLun,
    BMC_ADDRESS,
    (request.sequence << 2) | request.responderLun,
    request.command,
    Buffer.concat([Buffer.from([completion]), data]),
  )
}

export function encodeRequest(request: Pick<Request, 'netFn' | 'command' | 'sequence' | 'data'>): Buffer {
  return frame(
    BMC_ADDRESS,
    request.netFn << 2,
    CONSOLE_ADDRESS,
    request.sequence << 2,
    request.command,
    request.data,
  )
}

/** Null: too short, a wrong checksum, or not a response. `netFn` is the request's. */
export function decodeResponse(bytes: Buffer): Response | null {
  if (bytes.length < 8 || !checksumsHold(bytes)) return null
  const netFn = byteAt(bytes, 1) >> 2
  if (netFn % 2 === 0) return null
  return {
    netFn: netFn - 1,
    sequence: byteAt(bytes, 4) >> 2,
    command: byteAt(bytes, 5),
    completion: byteAt(bytes, 6),
    data: bytes.subarray(7, bytes.length - 1),
  }
}
