import type { ManagementController } from '../../bmc/controller.ts'
import type { AnalogSensor, Threshold } from '../../bmc/sensor-table.ts'
import { type Json, resource } from '../resource.ts'

/** Sensors as the older Thermal and Power resources have them, and as the newer Sensor resources. */

/** Units of IPMI as Redfish names them. */
const UNIT = new Map<number, { type: string; unit: string }>([
  [1, { type: 'Temperature', unit: 'Cel' }],
  [4, { type: 'Voltage', unit: 'V' }],
  [6, { type: 'Power', unit: 'W' }],
  [18, { type: 'Rotational', unit: 'RPM' }],
])
const TEMPERATURE = 1
const VOLTS = 4
const RPM = 18

const THRESHOLD: Readonly<Record<Threshold, string>> = {
  lnr: 'LowerFatal',
  lcr: 'LowerCritical',
  lnc: 'LowerCaution',
  unc: 'UpperCaution',
  ucr: 'UpperCritical',
  unr: 'UpperFatal',
}
/** The same by the names of Thermal and Power. */
const OLD_THRESHOLD: Readonly<Record<Threshold, string>> = {
  lnr: 'LowerThresholdFatal',
  lcr: 'LowerThresholdCritical',
  lnc: 'LowerThresholdNonCritical',
  unc: 'UpperThresholdNonCritical',
  ucr: 'UpperThresholdCritical',
  unr: 'UpperThresholdFatal',
}

export function sensorIds(controller: ManagementController): string[] {
  return analog(controller).map(idOf)
}

export function sensorResource(path: string, id: string, controller: ManagementController): Json | null {
  const sensor = analog(controller).find((one) => idOf(one) === id)
  if (sensor === undefined) return null
  const { type, unit } = UNIT.get(sensor.unit) ?? { type: 'Power', unit: 'W' }
  const limits = thresholds(controller, sensor, THRESHOLD)
  return resource(`${path}/${id}`, 'Sensor.v1_9_0', id, sensor.name, {
    ReadingType: type,
    ReadingUnits: unit,
    Reading: reading(controller, sensor),
    Thresholds: Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, { Reading: value }])),
    Status: status(controller, sensor),
  })
}

export function thermal(path: string, controller: ManagementController): Json {
  const of = (unit: number) => analog(controller).filter((sensor) => sensor.unit === unit)
  return resource(path, 'Thermal.v1_7_3', 'Thermal', 'Thermal', {
    Temperatures: of(TEMPERATURE).map((sensor, index) => ({
      ...member(path, 'Temperatures', index, sensor),
      ReadingCelsius: reading(controller, sensor),
      ...thresholds(controller, sensor, OLD_THRESHOLD),
      Status: status(controller, sensor),
    })),
    Fans: of(RPM).map((sensor, index) => ({
      ...member(path, 'Fans', index, sensor),
      Reading: reading(controller, sensor),
      ReadingUnits: 'RPM',
      ...thresholds(controller, sensor, OLD_THRESHOLD),
      Status: status(controller, sensor),
    })),
  })
}

export function power(path: string, controller: ManagementController): Json {
  const { psus, watts } = controller.machine.readings()
  const rails = analog(controller).filter((sensor) => sensor.unit === VOLTS)
  return resource(path, 'Power.v1_7_3', 'Power', 'Power', {
    PowerControl: [
      {
        '@odata.id': `/redfish/v1${path}#/PowerControl/0`,
        MemberId: '0',
        Name: 'Server Power Control',
        PowerConsumedWatts: Math.round(watts),
        Status: { State: 'Enabled', Health: 'OK' },
      },
    ],
    Voltages: rails.map((sensor, index) => ({
      ...member(path, 'Voltages', index, sensor),
      ReadingVolts: reading(controller, sensor),
      ...thresholds(controller, sensor, OLD_THRESHOLD),
      Status: status(controller, sensor),
    })),
    PowerSupplies: psus.map((psu, index) => ({
      '@odata.id': `/redfish/v1${path}#/PowerSupplies/${index}`,
      MemberId: String(index),
      Name: `PS${index + 1}`,
      PowerInputWatts: psu.present ? Math.round(psu.watts) : null,
      PowerCapacityWatts: 800,
      Status: psu.present
        ? { State: 'Enabled', Health: psu.failed ? 'Critical' : 'OK' }
        : { State: 'Absent', Health: null },
    })),
  })
}

function analog({ sensors }: ManagementController): AnalogSensor[] {
  return sensors.table.filter((sensor) => sensor.kind === 'analog')
}

/** Letters and digits only, as it stands in an address. */
function idOf({ name }: AnalogSensor): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '')
}

function member(path: string, list: string, index: number, { name, number }: AnalogSensor): Json {
  return {
    '@odata.id': `/redfish/v1${path}#/${list}/${index}`,
    MemberId: String(index),
    Name: name,
    SensorNumber: number,
  }
}

function scale({ step }: AnalogSensor, raw: number): number {
  // Two decimals are what the finest of them has.
  return Math.round(raw * step.m * 10 ** step.exponent * 100) / 100
}

function reading({ sensors }: ManagementController, sensor: AnalogSensor): number | null {
  const raw = sensors.raw(sensor)
  return raw === null ? null : scale(sensor, raw)
}

function thresholds(
  { sensors }: ManagementController,
  sensor: AnalogSensor,
  names: Readonly<Record<Threshold, string>>,
): Json {
  return Object.fromEntries(
    [...sensors.thresholds(sensor)].map(([name, raw]) => [names[name], scale(sensor, raw)]),
  )
}

function status({ sensors }: ManagementController, sensor: AnalogSensor): Json {
  sensors.scan()
  if (sensors.raw(sensor) === null) return { State: 'Disabled', Health: null }
  const crossed = [...sensors.crossed(sensor)]
  const health = crossed.some((name) => !name.endsWith('nc'))
    ? 'Critical'
    : crossed.length > 0
      ? 'Warning'
      : 'OK'
  return { State: 'Enabled', Health: health }
}
