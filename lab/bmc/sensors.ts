import type { Machine, MachineEvent } from '../world/types.ts'
import type { SystemEventLog } from './sel.ts'
import {
  type AnalogSensor,
  type DiscreteSensor,
  EVENT_SENSOR,
  type Sensor,
  sensorTable,
  THRESHOLDS,
  type Threshold,
} from './sensor-table.ts'

const THRESHOLD_EVENT = 0x01
const SENSOR_SPECIFIC = 0x6f
/** Event data 1, bits 7:4: data 2 is the reading, data 3 the threshold. */
const READING_AND_THRESHOLD = 0x50
/** A reading must come back by so many counts before its threshold is left. */
export const HYSTERESIS = 2

/** Offsets of "going low" and "going high" (IPMI 2.0 table 42-2). */
const OFFSET: Readonly<Record<Threshold, number>> = { lnc: 0, lcr: 2, lnr: 4, unc: 7, ucr: 9, unr: 11 }

interface State {
  /** Thresholds in raw counts, as set. */
  thresholds: Map<Threshold, number>
  crossed: Set<Threshold>
  /** Discrete states at the last scan. */
  bits: number
}

/** The BMC's sensors: it scans them, and logs what changes. */
export class Sensors {
  readonly table: readonly Sensor[]
  private readonly machine: Machine
  private readonly log: SystemEventLog
  private readonly states = new Map<number, State>()

  constructor(machine: Machine, log: SystemEventLog) {
    this.machine = machine
    this.log = log
    this.table = sensorTable(machine)
    const readings = machine.readings()
    for (const sensor of this.table) {
      const thresholds = new Map<Threshold, number>()
      if (sensor.kind === 'analog')
        for (const name of THRESHOLDS) {
          const value = sensor.thresholds[name]
          if (value !== undefined) thresholds.set(name, rawOf(sensor, value))
        }
      const bits = sensor.kind === 'discrete' ? sensor.read(readings, machine.power()) : 0
      this.states.set(sensor.number, { thresholds, crossed: new Set(), bits })
    }
  }

  find(number: number): Sensor | undefined {
    return this.table.find((sensor) => sensor.number === number)
  }

  /** Raw count; null: there is no reading now. */
  raw(sensor: AnalogSensor): number | null {
    const value = sensor.read(this.machine.readings())
    return value === null ? null : rawOf(sensor, value)
  }

  bits(sensor: DiscreteSensor): number {
    return sensor.read(this.machine.readings(), this.machine.power())
  }

  crossed(sensor: Sensor): ReadonlySet<Threshold> {
    return this.states.get(sensor.number)?.crossed ?? new Set()
  }

  thresholds(sensor: Sensor): Map<Threshold, number> {
    return this.states.get(sensor.number)?.thresholds ?? new Map()
  }

  /** Looks at all of them; every board does so about once a second, and whenever it is asked. */
  scan(): void {
    for (const sensor of this.table) {
      const state = this.states.get(sensor.number)
      if (state === undefined) continue
      if (sensor.kind === 'discrete') this.scanDiscrete(sensor, state)
      else this.scanAnalog(sensor, state)
    }
  }

  /** What the machine tells by wire is logged at once. */
  heard(event: MachineEvent): void {
    this.scan()
    const { restart, osBoot, bootError, firmware } = EVENT_SENSOR
    if (event.kind === 'power' && event.on) this.note(restart, 0)
    if (event.kind === 'reset') this.note(restart, 1)
    // Boot completed from C:, or from the network (table 42-3, 1Fh).
    if (event.kind === 'boot') this.note(osBoot, event.from === 'disk' ? 1 : 2)
    if (event.kind === 'no-boot-device') this.note(bootError, 0)
    if (event.kind === 'network-boot-failed') this.note(bootError, 2)
    if (event.kind === 'firmware-hang') this.note(firmware, 1)
  }

  note(sensor: { number: number; type: number }, offset: number): void {
    this.log.log({
      sensorType: sensor.type,
      sensor: sensor.number,
      eventType: SENSOR_SPECIFIC,
      asserted: true,
      data: [offset, 0xff, 0xff],
    })
  }

  private scanDiscrete(sensor: DiscreteSensor, state: State): void {
    const bits = this.bits(sensor)
    const changed = (bits ^ state.bits) & sensor.events
    state.bits = bits
    for (let offset = 0; offset < 15; offset += 1) {
      if ((changed & (1 << offset)) === 0) continue
      const asserted = (bits & (1 << offset)) !== 0
      const { type: sensorType, number } = sensor
      this.log.log({
        sensorType,
        sensor: number,
        eventType: SENSOR_SPECIFIC,
        asserted,
        data: [offset, 0xff, 0xff],
      })
    }
  }

  private scanAnalog(sensor: AnalogSensor, state: State): void {
    const raw = this.raw(sensor)
    for (const [name, threshold] of state.thresholds) {
      const was = state.crossed.has(name)
      const is = raw !== null && isCrossed(name, raw, threshold, was)
      if (is === was) continue
      if (is) state.crossed.add(name)
      else state.crossed.delete(name)
      this.log.log({
        sensorType: sensor.type,
        sensor: sensor.number,
        eventType: THRESHOLD_EVENT,
        asserted: is,
        data: [READING_AND_THRESHOLD | OFFSET[name], raw ?? 0, threshold],
      })
    }
  }
}

export function rawOf({ step }: AnalogSensor, value: number): number {
  const count = Math.round(value / (step.m * 10 ** step.exponent))
  return Math.max(0, Math.min(255, count))
}

function isCrossed(name: Threshold, raw: number, threshold: number, was: boolean): boolean {
  const slack = was ? HYSTERESIS : 0
  return name.startsWith('l') ? raw <= threshold + slack : raw >= threshold - slack
}

/** Offset of the event by which this threshold is passed. */
export function eventOffset(name: Threshold): number {
  return OFFSET[name]
}
