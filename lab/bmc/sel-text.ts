import { byteAt } from './bytes.ts'
import { EVENT_SENSOR, type Sensor } from './sensor-table.ts'

/** A record of the event log in words, for protocols that have words. */
export interface SelText {
  id: number
  /** Seconds since 1970. */
  at: number
  sensor: string
  sensorType: string
  /** Event type and data, as the record has them, in hex. */
  code: string
  message: string
  severity: 'OK' | 'Warning' | 'Critical'
}

const SENSOR_TYPE = new Map<number, string>([
  [0x01, 'Temperature'],
  [0x02, 'Voltage'],
  [0x04, 'Fan'],
  [0x05, 'Physical Chassis Security'],
  [0x08, 'Power Supply / Converter'],
  [0x0b, 'Other Units-based Sensor'],
  [0x0f, 'System Firmware Progress'],
  [0x10, 'Event Logging Disabled'],
  [0x1d, 'System Boot / Restart Initiated'],
  [0x1e, 'Boot Error'],
  [0x1f, 'Base OS Boot/Installation Status'],
  [0x22, 'System ACPI PowerState'],
])

type Words = readonly [message: string, severity: SelText['severity']]

/** What the lab's BMCs log, by sensor type and offset. */
const SPECIFIC = new Map<string, Words>([
  ['5 0', ['chassis is open', 'Warning']],
  ['8 0', ['presence detected', 'OK']],
  ['8 1', ['failure detected', 'Critical']],
  ['15 1', ['firmware hangs', 'Critical']],
  ['16 2', ['log was cleared', 'OK']],
  ['29 0', ['started by power up', 'OK']],
  ['29 1', ['started by hard reset', 'OK']],
  ['30 0', ['no bootable media', 'Critical']],
  ['30 2', ['nobody answered the network boot', 'Warning']],
  ['31 1', ['booted from disk', 'OK']],
  ['31 2', ['booted from the network', 'OK']],
  ['34 0', ['working (S0)', 'OK']],
  ['34 6', ['soft-off (S4/S5)', 'OK']],
])

const CROSSED = new Map<number, Words>([
  [0, ['below the lower non-critical threshold', 'Warning']],
  [2, ['below the lower critical threshold', 'Critical']],
  [4, ['below the lower non-recoverable threshold', 'Critical']],
  [7, ['above the upper non-critical threshold', 'Warning']],
  [9, ['above the upper critical threshold', 'Critical']],
  [11, ['above the upper non-recoverable threshold', 'Critical']],
])

const THRESHOLD_EVENT = 0x01

/** Null: a record of another type than the BMC's own. */
export function selText(record: Buffer, sensors: readonly Sensor[]): SelText | null {
  if (record[2] !== 0x02) return null
  const type = byteAt(record, 10)
  const number = byteAt(record, 11)
  const asserted = (byteAt(record, 12) & 0x80) === 0
  const offset = byteAt(record, 13) & 0x0f
  const threshold = (byteAt(record, 12) & 0x7f) === THRESHOLD_EVENT
  const words = threshold ? CROSSED.get(offset) : SPECIFIC.get(`${type} ${offset}`)
  const [message, severity] = words ?? [`event ${offset}`, 'OK' as const]
  const all = [...sensors, ...Object.values(EVENT_SENSOR)]
  const sensor = all.find((one) => one.number === number)?.name ?? `sensor ${number}`
  return {
    id: record.readUInt16LE(0),
    at: record.readUInt32LE(3),
    sensor,
    sensorType: SENSOR_TYPE.get(type) ?? 'OEM',
    code: `0x${record.subarray(12, 16).toString('hex')}`,
    message: `${sensor}: ${message}${asserted ? '' : ', no longer'}`,
    severity: asserted ? severity : 'OK',
  }
}
