import type { SensorReading } from '../types.ts'
import type { RedfishClient } from './client.ts'
import { optional, optionalMembers } from './optional.ts'
import {
  chassisSensorsSchema,
  metricsReadings,
  metricsSchema,
  powerReadings,
  powerSchema,
  sensorReading,
  sensorSchema,
  thermalReadings,
  thermalSchema,
} from './sensor-wire.ts'
import type { RedfishSystem } from './system.ts'

const what = 'show its sensors'

/**
 * Of every chassis that the system is in: Thermal and Power, two requests in all, where the BMC has them (they are
 * deprecated since 2020, and most BMCs still do); else the single sensors, else the summary of EnvironmentMetrics.
 */
export async function readSensors(system: RedfishSystem): Promise<SensorReading[]> {
  const { client } = system
  const { system: now } = await system.read(what)
  const readings: SensorReading[] = []
  for (const path of now.Links.Chassis) readings.push(...(await ofChassis(system, client, path)))
  return readings
}

async function ofChassis(
  system: RedfishSystem,
  client: RedfishClient,
  path: string,
): Promise<SensorReading[]> {
  const chassis = await optional(client, path, chassisSensorsSchema, what)
  if (chassis === null) return []
  const thermal = await optional(client, chassis.Thermal, thermalSchema, what)
  const power = await optional(client, chassis.Power, powerSchema, what)
  const classic = [...(thermal ? thermalReadings(thermal) : []), ...(power ? powerReadings(power) : [])]
  if (classic.length > 0) return classic
  const single = (await optionalMembers(client, await expanded(system, chassis.Sensors), what)).flatMap(
    (one) => {
      const sensor = sensorSchema.safeParse(one).data
      return sensor ? [sensorReading(sensor)] : []
    },
  )
  if (single.length > 0) return single
  const metrics = await optional(client, chassis.EnvironmentMetrics, metricsSchema, what)
  return metrics ? metricsReadings(metrics) : []
}

/** All sensors in one answer, where the BMC can (DSP0266 §7.3.3): else each is a request of its own. */
async function expanded(system: RedfishSystem, sensors: string | undefined): Promise<string | undefined> {
  if (sensors === undefined || sensors.includes('?')) return sensors
  const { ExpandQuery } = (await system.root()).ProtocolFeaturesSupported
  return ExpandQuery.NoLinks === true ? `${sensors}?$expand=.` : sensors
}
