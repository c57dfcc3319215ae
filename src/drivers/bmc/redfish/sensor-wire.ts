import { z } from 'zod'
import type { SensorReading } from '../types.ts'
import { amount, link, mostMembers, text } from './wire.ts'

/** The sensors of a chassis, old (Thermal, Power) and new (Sensor, EnvironmentMetrics): DSP0268. */

type Kind = SensorReading['kind']

const status = z.object({ Health: text, State: text }).prefault({}).catch({ Health: null, State: null })

function list<Item extends z.ZodType>(item: Item) {
  return z
    .array(item)
    .prefault([])
    .catch([])
    .transform((all) => all.slice(0, mostMembers))
}

export const chassisSensorsSchema = z.object({
  Thermal: link,
  Power: link,
  Sensors: link,
  EnvironmentMetrics: link,
})

export const thermalSchema = z.object({
  Temperatures: list(z.object({ Name: text, ReadingCelsius: amount, Status: status })),
  Fans: list(z.object({ Name: text, FanName: text, Reading: amount, ReadingUnits: text, Status: status })),
})

export const powerSchema = z.object({
  PowerControl: list(z.object({ Name: text, PowerConsumedWatts: amount, Status: status })),
  Voltages: list(z.object({ Name: text, ReadingVolts: amount, Status: status })),
  PowerSupplies: list(
    z.object({ Name: text, PowerInputWatts: amount, LastPowerOutputWatts: amount, Status: status }),
  ),
})

export const sensorSchema = z.object({
  Id: text,
  Name: text,
  ReadingType: text,
  ReadingUnits: text,
  Reading: amount,
  Status: status,
})

const excerpt = z.object({ Reading: amount, DeviceName: text }).optional().catch(undefined)

export const metricsSchema = z.object({
  TemperatureCelsius: excerpt,
  PowerWatts: excerpt,
  FanSpeedsPercent: list(z.object({ Reading: amount, DeviceName: text, SpeedRPM: amount })),
})

export function thermalReadings(thermal: z.output<typeof thermalSchema>): SensorReading[] {
  return [
    ...thermal.Temperatures.map((one) =>
      reading(one.Name, 'temperature', one.ReadingCelsius, '°C', one.Status),
    ),
    ...thermal.Fans.map((one) =>
      reading(
        one.Name ?? one.FanName,
        'fan',
        one.Reading,
        one.ReadingUnits === 'Percent' ? '%' : 'rpm',
        one.Status,
      ),
    ),
  ]
}

export function powerReadings(power: z.output<typeof powerSchema>): SensorReading[] {
  return [
    ...power.PowerControl.map((one) => reading(one.Name, 'power', one.PowerConsumedWatts, 'W', one.Status)),
    ...power.Voltages.map((one) => reading(one.Name, 'voltage', one.ReadingVolts, 'V', one.Status)),
    ...power.PowerSupplies.map((one) =>
      reading(one.Name, 'power', one.PowerInputWatts ?? one.LastPowerOutputWatts, 'W', one.Status),
    ),
  ]
}

const kinds: Readonly<Record<string, { kind: Kind; unit: SensorReading['unit'] }>> = {
  Temperature: { kind: 'temperature', unit: '°C' },
  Rotational: { kind: 'fan', unit: 'rpm' },
  Power: { kind: 'power', unit: 'W' },
  Voltage: { kind: 'voltage', unit: 'V' },
  Current: { kind: 'current', unit: 'A' },
  Percent: { kind: 'other', unit: '%' },
}

export function sensorReading(sensor: z.output<typeof sensorSchema>): SensorReading {
  const { kind, unit } = kinds[sensor.ReadingType ?? ''] ?? { kind: 'other', unit: '' }
  // A fan may be read as a part of its full speed.
  const fits = kind === 'fan' && sensor.ReadingUnits === '%' ? '%' : unit
  return reading(sensor.Name ?? sensor.Id, kind, sensor.Reading, fits, sensor.Status)
}

export function metricsReadings(metrics: z.output<typeof metricsSchema>): SensorReading[] {
  const none = { Health: null, State: null }
  return [
    ...(metrics.TemperatureCelsius
      ? [
          reading(
            metrics.TemperatureCelsius.DeviceName ?? 'Temperature',
            'temperature',
            metrics.TemperatureCelsius.Reading,
            '°C',
            none,
          ),
        ]
      : []),
    ...(metrics.PowerWatts
      ? [reading(metrics.PowerWatts.DeviceName ?? 'Power', 'power', metrics.PowerWatts.Reading, 'W', none)]
      : []),
    ...metrics.FanSpeedsPercent.map((one, index) =>
      reading(
        one.DeviceName ?? `Fan ${index + 1}`,
        'fan',
        one.SpeedRPM ?? one.Reading,
        typeof one.SpeedRPM === 'number' ? 'rpm' : '%',
        none,
      ),
    ),
  ]
}

function reading(
  name: string | null,
  kind: Kind,
  value: number | null | undefined,
  unit: SensorReading['unit'],
  { Health, State }: z.output<typeof status>,
): SensorReading {
  return {
    name: name ?? 'sensor',
    kind,
    value: value ?? null,
    unit,
    health: healths[Health ?? ''] ?? 'unknown',
    // Enabled is what a sensor is; anything else is worth telling.
    states: State === null || State === 'Enabled' ? [] : [State],
  }
}

const healths: Readonly<Record<string, SensorReading['health']>> = {
  OK: 'ok',
  Warning: 'warning',
  Critical: 'critical',
}
