/** A record of the system event log (IPMI 2.0 §32). */
export type SelRecord = EventRecord | OemRecord

interface Common {
  id: number
  /** Milliseconds since 1970; undefined if the BMC's clock was not set, or the record carries no time. */
  at: number | undefined
}

/** Type 02h (§32.1 table 32-1). */
export interface EventRecord extends Common {
  kind: 'event'
  /** Slave address of the controller, or a software id (bit 0 set). */
  generator: number
  lun: number
  sensorType: number
  sensor: number
  eventType: number
  asserted: boolean
  data: readonly [number, number, number]
}

/** Types C0h to FFh (§32.2, §32.3); from E0h on without time. */
export interface OemRecord extends Common {
  kind: 'oem'
  type: number
  /** IANA number of the maker, in records with a time. */
  manufacturer: number | undefined
  data: Buffer
}

const systemEvent = 0x02

/** `bytes` are the sixteen of a record. A string says why it was not understood. */
export function decodeRecord(bytes: Buffer): SelRecord | string {
  if (bytes.length < 16) return 'a record that is cut short'
  const id = bytes.readUInt16LE(0)
  const type = bytes[2] ?? 0
  const at = decodeTime(bytes.readUInt32LE(3))
  if (type === systemEvent) {
    return {
      kind: 'event',
      id,
      at,
      generator: bytes[7] ?? 0,
      lun: (bytes[8] ?? 0) & 0x03,
      sensorType: bytes[10] ?? 0,
      sensor: bytes[11] ?? 0,
      eventType: (bytes[12] ?? 0) & 0x7f,
      asserted: ((bytes[12] ?? 0) & 0x80) === 0,
      data: [bytes[13] ?? 0, bytes[14] ?? 0, bytes[15] ?? 0],
    }
  }
  if (type >= 0xe0)
    return { kind: 'oem', id, at: undefined, type, manufacturer: undefined, data: bytes.subarray(3) }
  if (type >= 0xc0)
    return { kind: 'oem', id, at, type, manufacturer: bytes.readUIntLE(7, 3), data: bytes.subarray(10) }
  return `a record of type ${type.toString(16).padStart(2, '0').toUpperCase()}h, which IPMI 2.0 does not have`
}

/**
 * Seconds since 1970 (IPMI 2.0 §37.1). Up to 20000000h they count from the BMC's start instead, because its clock was not
 * set yet; FFFFFFFFh is no time at all.
 */
export function decodeTime(seconds: number): number | undefined {
  return seconds <= 0x20000000 || seconds === 0xffffffff ? undefined : seconds * 1000
}
