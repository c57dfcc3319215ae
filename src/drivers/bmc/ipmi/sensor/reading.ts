import type { Command } from '../message.ts'
import { sensorNetFn } from '../sdr/source.ts'
import { eventType } from './states.ts'

/** Get Sensor Reading (IPMI 2.0 §35.14). */
export function getSensorReading(lun: number, number: number): Command {
  return { name: 'Get Sensor Reading', netFn: sensorNetFn, number: 0x2d, data: Buffer.from([number]), lun }
}

/** Get Sensor Reading Factors (§35.5), for sensors whose factors depend on the reading. */
export function getReadingFactors(lun: number, number: number, raw: number): Command {
  return {
    name: 'Get Sensor Reading Factors',
    netFn: sensorNetFn,
    number: 0x23,
    data: Buffer.from([number, raw]),
    lun,
  }
}

export interface RawReading {
  raw: number
  /** Bit n: state n is asserted; for thresholds: beyond threshold n. Undefined: the BMC does not compare. */
  bits: number | undefined
}

/** Undefined: the sensor is there but has no reading now. A string says what is wrong with the reply. */
export function decodeReading(data: Buffer, type: number): RawReading | string | undefined {
  const [raw, flags, low, high = 0] = data
  if (raw === undefined || flags === undefined) return 'a reading that is cut short'
  const scanning = (flags & 0x40) !== 0
  const unavailable = (flags & 0x20) !== 0
  if (!scanning || unavailable) return undefined
  if (low === undefined) return { raw, bits: undefined }
  // Bits that a kind of sensor does not have are reserved, and read as ones by some BMCs.
  const bits = type === eventType.threshold ? low & 0x3f : low | ((high & 0x7f) << 8)
  return { raw, bits }
}
