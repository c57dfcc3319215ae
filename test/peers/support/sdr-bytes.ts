/** Sensor data records by their fields, written from IPMI 2.0 §43 and from no decoder of ours. */
export interface FullRecord {
  id: number
  number: number
  name: string
  type: number
  /** Sensor units 1 (analog format, percentage) and the base unit. */
  units: [number, number]
  m: number
  b?: number
  /** K1 and K2. */
  exponents?: [number, number]
  linearisation?: number
  /** Upper non-recoverable, critical, non-critical; lower non-recoverable, critical, non-critical. */
  thresholds?: [number, number, number, number, number, number]
  /** Thresholds that can be read and are compared; bit 0 is lower non-critical. */
  mask?: number
}

export function fullRecord(it: FullRecord): number[] {
  const mask = it.mask ?? 0
  const [k1, k2] = it.exponents ?? [0, 0]
  const b = it.b ?? 0
  return record(it.id, 0x01, [
    ...[0x20, 0x00, it.number, 0x03, 0x01, 0x7f, mask === 0 ? 0x40 : 0x48, it.type, 0x01],
    ...word((mask & 0x07) << 12),
    ...word(((mask >> 3) & 0x07) << 12),
    ...[mask, 0],
    ...[it.units[0], it.units[1], 0, it.linearisation ?? 0],
    ...[it.m & 0xff, (it.m >> 2) & 0xc0, b & 0xff, (b >> 2) & 0xc0, 0],
    ...[((k2 & 0x0f) << 4) | (k1 & 0x0f), 0, 0, 0, 0, 0xff, 0x00],
    ...(it.thresholds ?? [0, 0, 0, 0, 0, 0]),
    ...[1, 1, 0, 0, 0],
    ...text(it.name),
  ])
}

export interface CompactRecord {
  id: number
  number: number
  name: string
  type: number
  eventType: number
  states: number
  /** Record sharing: byte 24 and byte 25. */
  sharing?: [number, number]
}

export function compactRecord(it: CompactRecord): number[] {
  return record(it.id, 0x02, [
    ...[0x20, 0x00, it.number, 0x0a, 0x01, 0x7f, 0x40, it.type, it.eventType],
    ...word(it.states),
    ...word(it.states),
    ...word(it.states),
    ...[0xc0, 0, 0],
    ...(it.sharing ?? [0, 0]),
    ...[0, 0, 0, 0, 0, 0],
    ...text(it.name),
  ])
}

export function eventOnlyRecord(
  it: Pick<CompactRecord, 'id' | 'number' | 'name' | 'type' | 'eventType'>,
): number[] {
  const body = [0x20, 0x00, it.number, 0x22, 0x01, it.type, it.eventType, 0, 0, 0, 0]
  return record(it.id, 0x03, [...body, ...text(it.name)])
}

/** A logical FRU device of the BMC. */
export function fruLocator(it: { id: number; device: number; entity: number; name: string }): number[] {
  return record(it.id, 0x11, [0x20, it.device, 0x80, 0, 0, 0x10, 0, it.entity, 1, 0, ...text(it.name)])
}

function record(id: number, type: number, body: number[]): number[] {
  return [...word(id), 0x51, type, body.length, ...body]
}

function word(value: number): number[] {
  return [value & 0xff, value >> 8]
}

/** Type/length byte "8-bit ASCII", then the text. */
function text(value: string): number[] {
  return [0xc0 | value.length, ...Buffer.from(value, 'latin1')]
}
