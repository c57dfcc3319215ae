import type { Command } from '../message.ts'

const storageNetFn = 0x0a

/** Get SEL Info (IPMI 2.0 §31.2). */
export const getSelInfo: Command = {
  name: 'Get SEL Info',
  netFn: storageNetFn,
  number: 0x40,
  data: Buffer.alloc(0),
}

/** Reserve SEL (§31.4); optional for a BMC. */
export const reserveSel: Command = {
  name: 'Reserve SEL',
  netFn: storageNetFn,
  number: 0x42,
  data: Buffer.alloc(0),
}

export const firstEntry = 0x0000
export const lastEntry = 0xffff

/** Get SEL Entry (§31.5); FFh bytes are the whole record. */
export function getSelEntry(reservation: number, record: number, offset: number, bytes: number): Command {
  const data = Buffer.alloc(6)
  data.writeUInt16LE(reservation, 0)
  data.writeUInt16LE(record, 2)
  data[4] = offset
  data[5] = bytes
  return { name: 'Get SEL Entry', netFn: storageNetFn, number: 0x43, data }
}

export interface SelInfo {
  entries: number
  /** Reserve SEL is there. */
  reservable: boolean
}

export function decodeSelInfo(data: Buffer): SelInfo | undefined {
  if (data.length < 14) return undefined
  return { entries: data.readUInt16LE(1), reservable: ((data[13] ?? 0) & 0x02) !== 0 }
}
