import type { SensorReading } from '../../types.ts'
import type { Inquiry } from '../client.ts'
import { completion, completionText } from '../completion-codes.ts'
import type { Sdrs } from '../sdr/sdrs.ts'
import type { Analog, Sensor } from '../sdr/sensor-record.ts'
import { convert, decodeFactors, hasFactorsPerReading } from './conversion.ts'
import { decodeReading, getReadingFactors, getSensorReading, type RawReading } from './reading.ts'
import {
  discreteState,
  eventType,
  type Severity,
  type State,
  thresholdNames,
  thresholdSeverity,
  worst,
} from './states.ts'
import { kindOf, unitOf } from './unit.ts'

/** The BMC's own slave address (IPMI 2.0 §5.4). */
const bmcAddress = 0x20

/** All sensors that can be read, in the order of their records; what cannot be is in the list too, and says why. */
export async function readSensors(inquiry: Inquiry, sdrs: Sdrs): Promise<SensorReading[]> {
  const readings: SensorReading[] = []
  for (const sensor of sdrs.sensors) {
    if (sensor.readable) readings.push(await readSensor(inquiry, sensor))
  }
  for (const { record, why } of sdrs.faults)
    readings.push({ ...blank(`record ${record}`), states: [`not understood: ${why}`] })
  return readings
}

async function readSensor(inquiry: Inquiry, sensor: Sensor): Promise<SensorReading> {
  const unit = sensor.analog ? unitOf(sensor.analog.units) : { symbol: '' as const }
  const empty: SensorReading = {
    ...blank(sensor.name),
    kind: kindOf(sensor.type, unit.symbol),
    unit: unit.symbol,
  }
  if (sensor.owner !== bmcAddress) {
    const owner = sensor.owner.toString(16).padStart(2, '0').toUpperCase()
    return { ...empty, states: [`not read: it belongs to the controller at ${owner}h`] }
  }
  const { completionCode, data } = await inquiry.reply(getSensorReading(sensor.lun, sensor.number))
  // A sensor that is not there now, as that of an empty slot, is no news.
  if (completionCode === notPresent) return empty
  if (completionCode !== completion.ok)
    return { ...empty, states: [`not read: ${completionText(completionCode)}`] }
  const reading = decodeReading(data, sensor.eventType)
  if (reading === undefined) return empty
  if (typeof reading === 'string') return { ...empty, states: [`not read: ${reading}`] }
  const judged = reading.bits === undefined ? undefined : judge(sensor, reading.bits)
  const value = sensor.analog && (await analogValue(inquiry, sensor, sensor.analog, reading))
  return { ...empty, ...judged, value: value ?? null }
}

const notPresent = 0xcb

function blank(name: string): SensorReading {
  return { name, kind: 'other', value: null, unit: '', health: 'unknown', states: [] }
}

async function analogValue(
  inquiry: Inquiry,
  sensor: Sensor,
  analog: Analog,
  { raw }: RawReading,
): Promise<number | undefined> {
  let { factors } = analog
  if (hasFactorsPerReading(analog.linearisation)) {
    const reply = await inquiry.reply(getReadingFactors(sensor.lun, sensor.number, raw))
    // The first byte is the next reading for which they change.
    const own = reply.completionCode === completion.ok ? decodeFactors(reply.data.subarray(1)) : undefined
    if (own === undefined) return undefined
    factors = own
  }
  return sensorValue(analog, raw, factors)
}

/** The value of a raw reading, or of a threshold, in the unit that is shown. */
export function sensorValue(analog: Analog, raw: number, factors = analog.factors): number | undefined {
  const value = convert(raw, analog.format, factors, analog.linearisation)
  return value === undefined ? undefined : Number(unitOf(analog.units).toSymbol(value).toPrecision(10))
}

/** Health and words for the bits of a reading. */
export function judge(sensor: Sensor, bits: number): Pick<SensorReading, 'health' | 'states'> {
  if (sensor.eventType === eventType.threshold) {
    if (sensor.mask === 0) return { health: 'unknown', states: [] }
    const beyond = thresholdNames.flatMap((name, index): State[] =>
      (bits & sensor.mask & (1 << index)) === 0
        ? []
        : [
            {
              text: `${index < 3 ? 'at or below' : 'at or above'} ${name} threshold`,
              severity: thresholdSeverity(index),
            },
          ],
    )
    return summary(beyond)
  }
  // Without a mask the BMC's word is all there is.
  const asserted = bits & (sensor.mask || 0x7fff)
  const states = Array.from({ length: 15 }, (_, offset) => offset)
    .filter((offset) => (asserted & (1 << offset)) !== 0)
    .map((offset) => ({ offset, state: discreteState(sensor.eventType, sensor.type, offset) }))
  const known = states.flatMap(({ state }) => state ?? [])
  const text = states.map(({ offset, state }) => state?.text ?? `state ${offset}`)
  // A state of the maker's own, and nothing that we know to be bad.
  if (known.length < states.length && worst(known.map((state) => state.severity)) === 'info')
    return { health: 'unknown', states: text }
  return { ...summary(known), states: text }
}

function summary(states: readonly State[]): Pick<SensorReading, 'health' | 'states'> {
  return { health: health[worst(states.map((state) => state.severity))], states: states.map((it) => it.text) }
}

const health: Readonly<Record<Severity, SensorReading['health']>> = {
  info: 'ok',
  warning: 'warning',
  critical: 'critical',
}
