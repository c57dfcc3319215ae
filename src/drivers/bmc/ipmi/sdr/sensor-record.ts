import { decodeFactors, type Factors, type RawFormat, rawFormat } from '../sensor/conversion.ts'
import { decodeUnits, type RecordUnits } from '../sensor/unit.ts'
import { decodeText, type Encoding } from '../text.ts'

/** One sensor, whatever kind of record told of it. */
export interface Sensor {
  name: string
  /** Slave address of the controller that has it, or a software id (bit 0 set). */
  owner: number
  lun: number
  number: number
  type: number
  /** Event/reading type: threshold, discrete, sensor-specific. */
  eventType: number
  /** False for sensors that only write events (record type 3). */
  readable: boolean
  /** How to read an analog value; undefined for discrete sensors, and where the record does not tell. */
  analog: Analog | undefined
  /** Thresholds that a reading is compared with, bits as in a reading; for discrete sensors the states that it has. */
  mask: number
}

export interface Analog {
  format: RawFormat
  factors: Factors
  linearisation: number
  units: RecordUnits
}

/** Record types (IPMI 2.0 §43). */
const full = 0x01
const compact = 0x02
const eventOnly = 0x03

/** Where each kind has the sensor's type, its name and how many sensors it stands for (tables 43-1, 43-2, 43-3). */
const layouts: Readonly<
  Record<number, { type: number; name: number; sharing: number | undefined } | undefined>
> = {
  [full]: { type: 12, name: 47, sharing: undefined },
  [compact]: { type: 12, name: 31, sharing: 23 },
  [eventOnly]: { type: 10, name: 16, sharing: 12 },
}

/**
 * The sensors of a record with its header; a string says why it was not understood, undefined that it is about something
 * else. Several identical sensors may share one compact record.
 */
export function decodeSensors(record: Buffer): Sensor[] | string | undefined {
  const kind = record[3] ?? 0
  const layout = layouts[kind]
  if (layout === undefined) return undefined
  const name = decodeName(record, layout.name)
  if (name === undefined) return 'the record is cut short'

  const type = record[layout.type] ?? 0
  const event = record[layout.type + 1] ?? 0
  const sensor: Sensor = {
    name,
    owner: record[5] ?? 0,
    lun: (record[6] ?? 0) & 0x03,
    number: record[7] ?? 0,
    type,
    eventType: event,
    readable: kind !== eventOnly,
    analog: kind === full ? decodeAnalog(record) : undefined,
    mask: kind === eventOnly ? 0 : decodeMask(record, event),
  }
  // A full record stands for one sensor: its sharing byte would be zero.
  return share(sensor, layout.sharing === undefined ? [] : record.subarray(layout.sharing))
}

/** "Record sharing": a count, and what to append to the name of each (table 43-2, bytes 24 and 25). */
function share(sensor: Sensor, [how = 0, modifier = 0]: Iterable<number>): Sensor[] {
  const offset = modifier & 0x7f
  const count = how & 0x0f
  if (count <= 1) return [{ ...sensor, name: sensor.name.trim() }]
  const alphabetic = (how >> 4) % 4 === 1
  return Array.from({ length: count }, (_, index) => ({
    ...sensor,
    number: (sensor.number + index) & 0xff,
    name: (sensor.name + (alphabetic ? letters(offset + index) : String(offset + index))).trim(),
  }))
}

/** A … Z, AA … as a spreadsheet counts. */
function letters(index: number): string {
  const last = String.fromCharCode(0x41 + (index % 26))
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last
}

function decodeAnalog(record: Buffer): Analog | undefined {
  const units1 = record[20] ?? 0
  const format = rawFormat(units1)
  const factors = decodeFactors(record.subarray(24, 30))
  if (format === undefined || factors === undefined) return undefined
  const linearisation = (record[23] ?? 0) & 0x7f
  return { format, factors, linearisation, units: decodeUnits(units1, record[21] ?? 0) }
}

/**
 * Bytes 15 to 20 (table 43-1). For thresholds: those whose comparison a reading returns (bits 14:12 of the lower and the
 * upper mask) and those that can be read. Makers fill in one or the other.
 */
function decodeMask(record: Buffer, event: number): number {
  if (record.length < 20) return 0
  if (event !== 0x01) return record.readUInt16LE(18) & 0x7fff
  const compared = (at: number) => (record.readUInt16LE(at) >> 12) & 0x07
  return compared(14) | (compared(16) << 3) | ((record[18] ?? 0) & 0x3f)
}

/** Type/length byte and text (§43.15); undefined if it goes beyond the record. */
export function decodeName(record: Buffer, at: number): string | undefined {
  const typeLength = record[at]
  if (typeLength === undefined) return undefined
  const end = at + 1 + (typeLength & 0x1f)
  if (end > record.length) return undefined
  return decodeText(encodings[typeLength >> 6] ?? 'latin-1', record.subarray(at + 1, end))
}

const encodings: readonly Encoding[] = ['utf-16', 'bcd-plus', 'six-bit', 'latin-1']
