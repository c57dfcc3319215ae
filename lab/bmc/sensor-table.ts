import type { Machine, Readings } from '../world/types.ts'

/** Thresholds from the lowest to the highest: non-recoverable, critical, non-critical, on both sides. */
export const THRESHOLDS = ['lnr', 'lcr', 'lnc', 'unc', 'ucr', 'unr'] as const
export type Threshold = (typeof THRESHOLDS)[number]

interface SensorBase {
  number: number
  name: string
  /** Sensor type, IPMI 2.0 table 42-3. */
  type: number
  /** Entity id (table 43-13) and its instance. */
  entity: readonly [id: number, instance: number]
}

export interface AnalogSensor extends SensorBase {
  kind: 'analog'
  /** Table 43-15. */
  unit: number
  /** A raw count is worth so much. `exponent` is of ten. */
  step: { m: number; exponent: number }
  thresholds: Partial<Record<Threshold, number>>
  nominal: number
  /** null: no reading, because the machine is off. */
  read(now: Readings): number | null
}

export interface DiscreteSensor extends SensorBase {
  kind: 'discrete'
  /** Bits of the states that it can be in, and of those whose coming and going is an event. */
  states: number
  events: number
  read(now: Readings, power: 'on' | 'off'): number
}

export type Sensor = AnalogSensor | DiscreteSensor

const UNIT = { celsius: 1, volts: 4, watts: 6, rpm: 18 } as const
const TYPE = { temperature: 0x01, voltage: 0x02, fan: 0x04, otherUnits: 0x0b } as const
const ENTITY = {
  processor: 3,
  systemBoard: 7,
  powerSupply: 10,
  chassis: 23,
  fan: 29,
  battery: 40,
  inlet: 0x37,
} as const

/** Sensors without a reading of their own, under whose numbers events are logged. */
export const EVENT_SENSOR = {
  firmware: { number: 0x70, type: 0x0f, name: 'POST' },
  bootError: { number: 0x71, type: 0x1e, name: 'Boot Error' },
  restart: { number: 0x72, type: 0x1d, name: 'Restart' },
  osBoot: { number: 0x73, type: 0x1f, name: 'OS Boot' },
  eventLog: { number: 0x74, type: 0x10, name: 'SEL' },
} as const

/** All sensors of one machine, in the order of the repository. */
export function sensorTable(machine: Machine): Sensor[] {
  const { cpusC, fansRpm, psus } = machine.readings()
  return [
    temperature(
      0x01,
      'Inlet Temp',
      [ENTITY.inlet, 1],
      { lcr: 3, lnc: 5, unc: 42, ucr: 47, unr: 50 },
      (now) => now.inletC,
    ),
    ...cpusC.map((_, cpu) =>
      temperature(
        0x02 + cpu,
        `CPU${cpu + 1} Temp`,
        [ENTITY.processor, cpu + 1],
        { unc: 85, ucr: 95, unr: 100 },
        (now) => now.cpusC[cpu] ?? null,
      ),
    ),
    ...fansRpm.map((_, fan) => fanSensor(fan)),
    ...psus.map((_, psu) =>
      watts(
        0x20 + psu,
        `PS${psu + 1} Input`,
        [ENTITY.powerSupply, psu + 1],
        (now) => now.psus[psu]?.watts ?? null,
      ),
    ),
    watts(0x28, 'Power', [ENTITY.systemBoard, 1], (now) => now.watts),
    rail(0x30, 'CPU Vcore', 1, 1.05, (now) => now.volts.core),
    rail(0x31, '3.3V', 2, 3.3, (now) => now.volts.v3),
    rail(0x32, '5V', 3, 5, (now) => now.volts.v5),
    rail(0x33, '12V', 6, 12, (now) => now.volts.v12),
    { ...rail(0x34, 'VBAT', 2, 3, (now) => now.volts.battery), entity: [ENTITY.battery, 1] },
    ...psus.map((_, psu) => psuStatus(psu)),
    {
      kind: 'discrete',
      number: 0x50,
      name: 'Chassis Intru',
      type: 0x05,
      entity: [ENTITY.chassis, 1],
      states: 1,
      events: 1,
      read: ({ chassisOpen }) => (chassisOpen ? 1 : 0),
    },
    {
      kind: 'discrete',
      number: 0x60,
      name: 'ACPI State',
      type: 0x22,
      entity: [ENTITY.systemBoard, 1],
      // S0, working; S4/S5, soft-off.
      states: 0x41,
      events: 0x41,
      read: (_, power) => (power === 'on' ? 0x01 : 0x40),
    },
  ]
}

function temperature(
  number: number,
  name: string,
  entity: AnalogSensor['entity'],
  thresholds: AnalogSensor['thresholds'],
  read: AnalogSensor['read'],
): AnalogSensor {
  return {
    kind: 'analog',
    number,
    name,
    type: TYPE.temperature,
    entity,
    unit: UNIT.celsius,
    step: { m: 1, exponent: 0 },
    thresholds,
    nominal: 25,
    read,
  }
}

function fanSensor(fan: number): AnalogSensor {
  return {
    kind: 'analog',
    number: 0x10 + fan,
    name: `FAN${fan + 1}`,
    type: TYPE.fan,
    entity: [ENTITY.fan, fan + 1],
    unit: UNIT.rpm,
    step: { m: 100, exponent: 0 },
    thresholds: { lnr: 300, lcr: 500, lnc: 700 },
    nominal: 3_000,
    read: ({ fansRpm }) => fansRpm[fan] ?? null,
  }
}

function watts(
  number: number,
  name: string,
  entity: AnalogSensor['entity'],
  read: AnalogSensor['read'],
): AnalogSensor {
  return {
    kind: 'analog',
    number,
    name,
    type: TYPE.otherUnits,
    entity,
    unit: UNIT.watts,
    step: { m: 4, exponent: 0 },
    thresholds: {},
    nominal: 120,
    read,
  }
}

/** Voltages may be a tenth off before anybody minds. `m`: hundredths of a volt in a count. */
function rail(
  number: number,
  name: string,
  m: number,
  nominal: number,
  read: AnalogSensor['read'],
): AnalogSensor {
  return {
    kind: 'analog',
    number,
    name,
    type: TYPE.voltage,
    entity: [ENTITY.systemBoard, 1],
    unit: UNIT.volts,
    step: { m, exponent: -2 },
    thresholds: { lcr: nominal * 0.88, lnc: nominal * 0.92, unc: nominal * 1.08, ucr: nominal * 1.12 },
    nominal,
    read,
  }
}

/** Bit 0: there is one; bit 1: it has failed. */
function psuStatus(psu: number): DiscreteSensor {
  return {
    kind: 'discrete',
    number: 0x40 + psu,
    name: `PS${psu + 1} Status`,
    type: 0x08,
    entity: [ENTITY.powerSupply, psu + 1],
    states: 3,
    events: 3,
    read({ psus }) {
      const supply = psus[psu]
      return (supply?.present ? 1 : 0) | (supply?.failed ? 2 : 0)
    },
  }
}
