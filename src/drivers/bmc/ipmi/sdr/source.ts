import type { Command } from '../message.ts'

/** Network functions (IPMI 2.0 §5.1 table 5-1). */
const storageNetFn = 0x0a
export const sensorNetFn = 0x04

/** Where sensor records are kept: both places have the same three commands under other numbers. */
export interface SdrSource {
  name: string
  reserve: Command
  get(reservation: number, record: number, offset: number, bytes: number): Command
}

/** Get SDR Repository Info (IPMI 2.0 §33.9). */
export const getRepositoryInfo: Command = {
  name: 'Get SDR Repository Info',
  netFn: storageNetFn,
  number: 0x20,
  data: Buffer.alloc(0),
}

/** Reserve SDR Repository (§33.11), Get SDR (§33.12). */
export const repository: SdrSource = {
  name: 'SDR repository',
  reserve: { name: 'Reserve SDR Repository', netFn: storageNetFn, number: 0x22, data: Buffer.alloc(0) },
  get: (...range) => ({ name: 'Get SDR', netFn: storageNetFn, number: 0x23, data: encodeRange(...range) }),
}

/** Get Device SDR Info (§35.2), for controllers without repository. */
export const getDeviceSdrInfo: Command = {
  name: 'Get Device SDR Info',
  netFn: sensorNetFn,
  number: 0x20,
  data: Buffer.alloc(0),
}

/** Reserve Device SDR Repository (§35.4), Get Device SDR (§35.3), of one LUN. */
export function deviceSdrs(lun: number): SdrSource {
  return {
    name: `device SDRs of LUN ${lun}`,
    reserve: {
      name: 'Reserve Device SDR Repository',
      netFn: sensorNetFn,
      number: 0x22,
      data: Buffer.alloc(0),
      lun,
    },
    get: (...range) => ({
      name: 'Get Device SDR',
      netFn: sensorNetFn,
      number: 0x21,
      data: encodeRange(...range),
      lun,
    }),
  }
}

function encodeRange(reservation: number, record: number, offset: number, bytes: number): Buffer {
  const data = Buffer.alloc(6)
  data.writeUInt16LE(reservation, 0)
  data.writeUInt16LE(record, 2)
  data[4] = offset
  data[5] = bytes
  return data
}
