import { appNetFn } from './device-id.ts'
import type { Command } from './message.ts'

/** Get System GUID (IPMI 2.0 §22.14): the machine's, the same as its SMBIOS UUID. */
export const getSystemGuid: Command = {
  name: 'Get System GUID',
  netFn: appNetFn,
  number: 0x37,
  data: Buffer.alloc(0),
}

/** Get Device GUID (IPMI 2.0 §20.8): the BMC's own. */
export const getDeviceGuid: Command = {
  name: 'Get Device GUID',
  netFn: appNetFn,
  number: 0x08,
  data: Buffer.alloc(0),
}

/** Orders of the bytes of a UUID as it is written, in terms of the reply. */
const orders = {
  /** First three fields little-endian, as SMBIOS stores it and most BMCs copy it (SMBIOS 3 §7.2.1). */
  smbios: [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15],
  /** All of it back to front, as the specification has it (IPMI 2.0 §20.8 table 20-10). */
  ipmi: [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
  /** As it is written (RFC 4122 §4.1.2). */
  rfc4122: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
} as const

/**
 * The UUID in lower case with dashes; undefined if the reply is cut short or says nothing (all 00h or FFh). BMCs differ
 * in the order of bytes, so the first order in which version and variant make sense counts, and SMBIOS's if none does.
 */
export function decodeGuid(data: Buffer): string | undefined {
  if (data.length < 16) return undefined
  const bytes = data.subarray(0, 16)
  if (bytes.every((byte) => byte === 0) || bytes.every((byte) => byte === 0xff)) return undefined
  const readings = Object.values(orders).map((order) => Buffer.from(order.map((index) => bytes[index] ?? 0)))
  const uuid = readings.find(isUuid) ?? readings[0] ?? bytes
  const hex = uuid.toString('hex')
  const part = (from: number, to: number) => hex.slice(from, to)
  return [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join('-')
}

/** Version 1 to 5 in the seventh byte, variant 10b in the ninth (RFC 4122 §4.1.1, §4.1.3). */
function isUuid(bytes: Buffer): boolean {
  const version = (bytes[6] ?? 0) >> 4
  return version >= 1 && version <= 5 && (bytes[8] ?? 0) >> 6 === 0b10
}
