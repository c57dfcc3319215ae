import { decodeName } from './sensor-record.ts'

/** A FRU device that the BMC can read (IPMI 2.0 §43.8 table 43-7). */
export interface FruLocator {
  name: string
  device: number
  /** What it is part of (§43.14 table 43-13): 7 is the system board, 23 the chassis. */
  entity: number
}

const fruDeviceLocator = 0x11

/**
 * The locator in a record with its header; undefined for other records, and for FRU devices that are not read by Read FRU
 * Data of the BMC itself: physical ones, those behind another controller or another LUN.
 */
export function decodeFruLocator(record: Buffer): FruLocator | string | undefined {
  if (record[3] !== fruDeviceLocator) return undefined
  const name = decodeName(record, 15)
  if (name === undefined) return 'the record is cut short'
  const [, , , , , access = 0, device = 0, place = 0, , , , , entity = 0] = record
  const logical = (place & 0x80) !== 0 && (place & 0x18) === 0
  if (!logical || access >> 1 !== bmcAddress >> 1) return undefined
  return { name: name.trim(), device, entity }
}

const bmcAddress = 0x20
