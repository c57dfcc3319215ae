import type { BmcLogEntry } from '../../types.ts'
import type { Sensor } from '../sdr/sensor-record.ts'
import { sensorValue } from '../sensor/sensors.ts'
import { discreteState, eventType, type State, thresholdNames, thresholdSeverity } from '../sensor/states.ts'
import { sensorTypeName } from '../sensor/types.ts'
import { unitOf } from '../sensor/unit.ts'
import { extension } from './extension.ts'
import { decodeRecord, type EventRecord, type OemRecord } from './record.ts'

/** One record in words; `find` gives the sensor that wrote it, where its record is known. */
export function describeRecord(bytes: Buffer, find: FindSensor): BmcLogEntry {
  const record = decodeRecord(bytes)
  if (typeof record === 'string') {
    const id = bytes.length < 2 ? '' : String(bytes.readUInt16LE(0))
    return {
      id,
      at: null,
      severity: 'info',
      source: 'BMC',
      message: `not understood: ${record} (${hex(bytes)})`,
    }
  }
  const at = record.at === undefined ? null : new Date(record.at).toISOString()
  const told = record.kind === 'oem' ? describeOem(record) : describeEvent(record, find)
  return { id: String(record.id), at, ...told }
}

export type FindSensor = (owner: number, lun: number, number: number) => Sensor | undefined

type Told = Pick<BmcLogEntry, 'severity' | 'source' | 'message'>

function describeOem({ type, manufacturer, data }: OemRecord): Told {
  const of = manufacturer === undefined ? '' : ` of maker ${manufacturer}`
  return {
    severity: 'info',
    source: 'BMC',
    message: `OEM record${of} of type ${hex(Buffer.from([type]))}: ${hex(data)}`,
  }
}

function describeEvent(event: EventRecord, find: FindSensor): Told {
  const sensor = find(event.generator, event.lun, event.sensor)
  const source = sensor?.name || sourceWithoutRecord(event)
  const threshold = event.eventType === eventType.threshold
  const state = threshold
    ? thresholdCrossing(event.data[0])
    : discreteState(event.eventType, event.sensorType, event.data[0] & 0x0f)
  if (state === undefined) {
    const what = `event type ${hex(Buffer.from([event.eventType]))}, data ${hex(Buffer.from(event.data))}`
    return { severity: 'info', source, message: event.asserted ? what : `${what}, deasserted` }
  }
  const more = threshold ? thresholdDetail(event, sensor) : specificDetail(event)
  const text = more === undefined ? state.text : `${state.text}: ${more}`
  // The end of a bad state is good news.
  return event.asserted
    ? { severity: state.severity, source, message: text }
    : { severity: 'info', source, message: `${text}, deasserted` }
}

/** Software such as the firmware has no sensor records. */
function sourceWithoutRecord({ sensorType, sensor, generator }: EventRecord): string {
  const name = sensorTypeName(sensorType)
  return (generator & 0x01) === 1 ? name : `${name} #${hex(Buffer.from([sensor]))}`
}

/** Offsets of a threshold event: going low and going high of each (IPMI 2.0 §42.1 table 42-2, type 1). */
function thresholdCrossing(first: number): State | undefined {
  const offset = first & 0x0f
  const index = offset >> 1
  const name = thresholdNames[index]
  if (name === undefined) return undefined
  const low = offset % 2 === 0
  // A lower threshold that is left upwards, and an upper one downwards, is the way back.
  const bad = low === index < 3
  return { text: `${name} going ${low ? 'low' : 'high'}`, severity: bad ? thresholdSeverity(index) : 'info' }
}

/** Reading and threshold in the second and third byte, where the first says so with 01b (§29.7 table 29-6). */
function thresholdDetail({ data }: EventRecord, sensor: Sensor | undefined): string | undefined {
  const analog = sensor?.analog
  if (analog === undefined) return undefined
  const [first, second, third] = data
  const shown = (raw: number) => {
    const value = sensorValue(analog, raw)
    return value === undefined ? undefined : `${value} ${unitOf(analog.units).symbol}`.trim()
  }
  const reading = first >> 6 === 1 ? shown(second) : undefined
  const limit = ((first >> 4) & 3) === 1 ? shown(third) : undefined
  const parts = [reading && `reading ${reading}`, limit && `threshold ${limit}`].filter(Boolean)
  return parts.length === 0 ? undefined : parts.join(', ')
}

function specificDetail({ eventType: type, sensorType, data }: EventRecord): string | undefined {
  if (type !== eventType.sensorSpecific) return undefined
  const known = extension(sensorType, data)
  if (known !== undefined) return known
  // OEM codes or an extension that is not in the tables: as they are, so that the maker's manual can be asked.
  const carries = data[0] >> 4 !== 0
  return carries ? `data ${hex(Buffer.from(data.slice(1)))}` : undefined
}

function hex(bytes: Buffer): string {
  return `${bytes.toString('hex').toUpperCase()}h`
}
