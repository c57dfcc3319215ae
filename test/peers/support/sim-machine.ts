import { fruBytes } from './fru-bytes.ts'
import { compactRecord, eventOnlyRecord, fruLocator, fullRecord } from './sdr-bytes.ts'

const mc = '0x20'

function line(command: string, bytes: readonly number[]): string {
  return `${command} ${bytes.map((byte) => `0x${byte.toString(16)}`).join(' ')}`
}

interface Analog {
  record: Parameters<typeof fullRecord>[0]
  raw: number
  /** As ipmi_sim wants them: those that are set, and their values from upper non-recoverable down. */
  enabled?: string
}

const analogs: readonly Analog[] = [
  {
    record: {
      ...{ id: 1, number: 1, name: 'CPU Temp', type: 1, units: [0x00, 1], m: 1 },
      ...{ thresholds: [100, 95, 85, 0, 0, 0], mask: 0x38 },
    },
    raw: 45,
    enabled: '111000',
  },
  { record: { id: 2, number: 2, name: 'Ambient', type: 1, units: [0x80, 1], m: 1 }, raw: 0xfb },
  {
    record: { id: 3, number: 3, name: 'P12V', type: 2, units: [0x00, 4], m: 59, b: 10, exponents: [1, -3] },
    raw: 203,
  },
  {
    record: {
      ...{ id: 4, number: 4, name: 'FAN 1', type: 4, units: [0x00, 18], m: 75 },
      ...{ thresholds: [0, 0, 0, 0, 7, 12], mask: 0x03 },
    },
    raw: 5,
    enabled: '000011',
  },
  {
    record: { id: 5, number: 5, name: 'Pwr Consumption', type: 0x0b, units: [0x00, 6], m: 4, b: -20 },
    raw: 90,
  },
  {
    record: {
      ...{ id: 6, number: 6, name: 'Square', type: 2, units: [0x00, 4], m: 3 },
      ...{ exponents: [0, -1], linearisation: 8 },
    },
    raw: 21,
  },
  { record: { id: 7, number: 7, name: 'FAN 2 Duty', type: 4, units: [0x01, 0], m: 1 }, raw: 40 },
]

const supply = { id: 8, number: 8, name: 'PSU1 Status', type: 8, eventType: 0x6f, states: 0x4b }
const redundancy = { id: 9, number: 9, name: 'Fan Redundancy', type: 4, eventType: 0x0b, states: 0x07 }
/** Three sensors in one record: DIMM A, DIMM B, DIMM C. */
const memory = {
  ...{ id: 10, number: 0x10, name: 'DIMM ', type: 0x0c, eventType: 0x6f, states: 0x63 },
  sharing: [0x13, 0x00] as [number, number],
}

export const contents = {
  board: { manufacturer: 'Example Boards', name: 'X11-B', serial: 'BRD-0042', partNumber: 'PN-7' },
  product: {
    ...{ manufacturer: 'Example Corp', name: 'Rack Server 9', partNumber: 'RS9' },
    ...{ version: '1.0', serial: 'SN-1234567890' },
  },
}

/** A SEL record's type and thirteen bytes. */
const events: readonly (readonly number[])[] = [
  // before the clock was set: power supply 1, input lost
  [0x02, 0x10, 0x00, 0x00, 0x00, 0x20, 0x00, 0x04, 0x08, 0x08, 0x6f, 0x03, 0xff, 0xff],
  // CPU Temp: upper critical going high, reading 96, threshold 95
  [0x02, 0x00, 0xf6, 0x5e, 0x5f, 0x20, 0x00, 0x04, 0x01, 0x01, 0x01, 0x59, 0x60, 0x5f],
  // the same, deasserted
  [0x02, 0x00, 0xf6, 0x5f, 0x5f, 0x20, 0x00, 0x04, 0x01, 0x01, 0x81, 0x59, 0x50, 0x5f],
  // firmware: no usable system memory
  [0x02, 0x00, 0xf6, 0x60, 0x5f, 0x31, 0x00, 0x04, 0x0f, 0x00, 0x6f, 0xc0, 0x02, 0xff],
  // a maker's own, with time
  [0xc1, 0x00, 0xf6, 0x61, 0x5f, 0x57, 0x01, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06],
]

/** Commands for ipmi_sim: a machine with sensors of every kind, a log and FRU data. */
export const machineCommands: readonly string[] = [
  line(`mc_add_fru_data ${mc} 0 256 data`, fruBytes(contents)),
  ...analogs.flatMap(({ record, raw, enabled }) => [
    `sensor_add ${mc} 0 ${record.number} ${record.type} 0x01`,
    ...(enabled === undefined
      ? []
      : [
          `sensor_set_threshold ${mc} 0 ${record.number} readable ${enabled} ${(record.thresholds ?? []).join(' ')}`,
        ]),
    `sensor_set_event_support ${mc} 0 ${record.number} enable scanning per-state 000000000000000 000000000000000 000000000000000 000000000000000`,
    `sensor_set_value ${mc} 0 ${record.number} ${raw} 0`,
    line(`main_sdr_add ${mc}`, fullRecord(record)),
  ]),
  ...[supply, redundancy].flatMap((record) => [
    `sensor_add ${mc} 0 ${record.number} ${record.type} ${record.eventType}`,
    `sensor_set_event_support ${mc} 0 ${record.number} enable scanning per-state 000000000000000 000000000000000 000000000000000 000000000000000`,
    line(`main_sdr_add ${mc}`, compactRecord(record)),
  ]),
  ...[0x10, 0x11].flatMap((number) => [
    `sensor_add ${mc} 0 ${number} ${memory.type} ${memory.eventType}`,
    `sensor_set_event_support ${mc} 0 ${number} enable scanning per-state 000000000000000 000000000000000 000000000000000 000000000000000`,
  ]),
  line(`main_sdr_add ${mc}`, compactRecord(memory)),
  line(
    `main_sdr_add ${mc}`,
    eventOnlyRecord({ id: 11, number: 0x20, name: 'POST', type: 0x0f, eventType: 0x6f }),
  ),
  line(`main_sdr_add ${mc}`, fruLocator({ id: 12, device: 0, entity: 7, name: 'Built-in FRU' })),
  // presence and input lost of the supply; redundancy lost
  `sensor_set_bit ${mc} 0 8 0 1 0`,
  `sensor_set_bit ${mc} 0 8 3 1 0`,
  `sensor_set_bit ${mc} 0 9 1 1 0`,
  `sensor_set_bit ${mc} 0 0x10 6 1 0`,
  `sensor_set_bit ${mc} 0 0x11 6 1 0`,
  `sensor_set_bit ${mc} 0 0x11 1 1 0`,
  ...events.map((bytes) => line(`sel_add ${mc}`, bytes)),
]
