import { byteAt, le16, le32 } from './bytes.ts'

/** As many as a small board holds. */
export const SEL_CAPACITY = 512
export const SEL_RECORD_BYTES = 16

/** What is logged of an event (IPMI 2.0 §32.1, record type 02h). */
export interface SelEvent {
  sensorType: number
  sensor: number
  /** Event/reading type: 1 threshold, 0x6f sensor-specific. */
  eventType: number
  asserted: boolean
  /** Event data 1 to 3; the low four bits of the first are the offset. */
  data: readonly [number, number, number]
}

const SYSTEM_EVENT = 0x02
const BMC_GENERATOR = le16(0x0020)
const MESSAGE_REVISION = 0x04

/** The BMC's clock: seconds since 1970 as the system event log counts them; anybody may set it. */
export class BmcClock {
  private readonly wallClock: () => number
  private offsetMs = 0
  utcOffsetMinutes = 0

  constructor(wallClock: () => number) {
    this.wallClock = wallClock
  }

  seconds(): number {
    return Math.floor((this.wallClock() + this.offsetMs) / 1000)
  }

  set(seconds: number): void {
    this.offsetMs = seconds * 1000 - this.wallClock()
  }
}

/** The system event log: full is full, as with most boards; what comes after that is only counted as an overflow. */
export class SystemEventLog {
  private readonly clock: BmcClock
  private entries: { id: number; record: Buffer }[] = []
  private lastId = 0
  overflow = false
  lastAdded = 0xffffffff
  lastErased = 0xffffffff

  constructor(clock: BmcClock) {
    this.clock = clock
  }

  get size(): number {
    return this.entries.length
  }

  log({ sensorType, sensor, eventType, asserted, data }: SelEvent): void {
    const body = Buffer.concat([
      le32(this.clock.seconds()),
      BMC_GENERATOR,
      Buffer.from([MESSAGE_REVISION, sensorType, sensor, (asserted ? 0 : 0x80) | eventType, ...data]),
    ])
    this.add(SYSTEM_EVENT, body)
  }

  /** A record from outside, 16 bytes with an id that does not count. Null: the log is full. */
  addRecord(record: Buffer): number | null {
    const type = byteAt(record, 2)
    const body = Buffer.from(record.subarray(3, SEL_RECORD_BYTES))
    // Records of timestamped types get the time of their arrival.
    if (type < 0xe0) le32(this.clock.seconds()).copy(body)
    return this.add(type, body)
  }

  /** 0 is the first, 0xFFFF the last. */
  find(id: number): { record: Buffer; next: number } | null {
    const at =
      id === 0 ? 0 : id === 0xffff ? this.entries.length - 1 : this.entries.findIndex((one) => one.id === id)
    const entry = this.entries[at]
    return entry === undefined ? null : { record: entry.record, next: this.entries[at + 1]?.id ?? 0xffff }
  }

  /** The id of what was deleted; null: there is none. */
  delete(id: number): number | null {
    const found = this.find(id)?.record.readUInt16LE(0)
    if (found === undefined) return null
    this.entries = this.entries.filter((one) => one.id !== found)
    this.lastErased = this.clock.seconds()
    return found
  }

  clear(): void {
    this.entries = []
    this.overflow = false
    this.lastErased = this.clock.seconds()
  }

  records(): Buffer[] {
    return this.entries.map(({ record }) => record)
  }

  private add(type: number, body: Buffer): number | null {
    if (this.entries.length >= SEL_CAPACITY) {
      this.overflow = true
      return null
    }
    // Ids 0 and 0xFFFF mean first and last.
    this.lastId = (this.lastId % 0xfffe) + 1
    this.entries.push({
      id: this.lastId,
      record: Buffer.concat([le16(this.lastId), Buffer.from([type]), body]),
    })
    this.lastAdded = this.clock.seconds()
    return this.lastId
  }
}
