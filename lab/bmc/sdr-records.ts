import type { Machine } from '../world/types.ts'
import { le16 } from './bytes.ts'
import { BMC_ADDRESS } from './message.ts'
import {
  type AnalogSensor,
  type DiscreteSensor,
  EVENT_SENSOR,
  type Sensor,
  THRESHOLDS,
  type Threshold,
} from './sensor-table.ts'
import { eventOffset, HYSTERESIS, rawOf } from './sensors.ts'

/** Record types of IPMI 2.0 §43. */
const TYPE = {
  full: 0x01,
  compact: 0x02,
  eventOnly: 0x03,
  fruLocator: 0x11,
  controllerLocator: 0x12,
} as const
const SDR_VERSION = 0x51
const THRESHOLD_TYPE = 0x01
const SENSOR_SPECIFIC = 0x6f
const SYSTEM_BOARD = 7
const MANAGEMENT_CONTROLLER = 6

/** Bit of a threshold in the masks of readable and settable ones (table 43-1). */
const MASK_BIT: Readonly<Record<Threshold, number>> = { lnc: 0, lcr: 1, lnr: 2, unc: 3, ucr: 4, unr: 5 }

/** Chassis device, FRU inventory, SEL, SDR repository, sensors. */
export const DEVICE_SUPPORT = 0x8f

/** The whole repository, numbered from 1. */
export function sdrRecords(machine: Machine, sensors: readonly Sensor[]): Buffer[] {
  const bodies = [
    controllerLocator(),
    fruLocator(machine),
    ...sensors.map((sensor) => (sensor.kind === 'analog' ? fullRecord(sensor) : compactRecord(sensor))),
    ...Object.values(EVENT_SENSOR).map(eventOnlyRecord),
  ]
  return bodies.map(({ type, body }, index) =>
    Buffer.concat([le16(index + 1), Buffer.from([SDR_VERSION, type, body.length]), body]),
  )
}

interface Body {
  type: number
  body: Buffer
}

/** Owner, number and entity: how every sensor's record begins. */
function sensorKey({ number, entity }: Pick<Sensor, 'number' | 'entity'>): number[] {
  return [BMC_ADDRESS, 0x00, number, ...entity]
}

/** §43.1. */
function fullRecord(sensor: AnalogSensor): Body {
  const present = THRESHOLDS.filter((name) => sensor.thresholds[name] !== undefined)
  const events = present.reduce((mask, name) => mask | (1 << eventOffset(name)), 0)
  const compared = (side: 'l' | 'u') =>
    present
      .filter((name) => name.startsWith(side))
      .reduce((mask, name) => mask | (1 << (12 + (MASK_BIT[name] % 3))), 0)
  const readable = present.reduce((mask, name) => mask | (1 << MASK_BIT[name]), 0)
  const raw = (name: Threshold) => {
    const value = sensor.thresholds[name]
    return value === undefined ? 0 : rawOf(sensor, value)
  }
  const { m, exponent } = sensor.step
  const body = Buffer.concat([
    Buffer.from([
      ...sensorKey(sensor),
      0x7f, // scanning, events, thresholds and hysteresis are set up by itself
      present.length > 0 ? 0x68 : 0x40, // re-arms by itself; thresholds and hysteresis can be read and set
      sensor.type,
      THRESHOLD_TYPE,
    ]),
    le16(events | compared('l')),
    le16(events | compared('u')),
    Buffer.from([
      readable,
      readable,
      0x00, // unsigned counts
      sensor.unit,
      0x00,
      0x00, // linear
      m & 0xff,
      (m >> 8) << 6,
      0x00, // B = 0
      0x00,
      0x00,
      (exponent & 0x0f) << 4,
      0x01, // the nominal reading is given
      rawOf(sensor, sensor.nominal),
      0x00,
      0x00,
      0xff,
      0x00,
      ...(['unr', 'ucr', 'unc', 'lnr', 'lcr', 'lnc'] as const).map(raw),
      HYSTERESIS,
      HYSTERESIS,
      0x00,
      0x00,
      0x00,
    ]),
    idString(sensor.name),
  ])
  return { type: TYPE.full, body }
}

/** §43.2. */
function compactRecord(sensor: DiscreteSensor): Body {
  const body = Buffer.concat([
    Buffer.from([...sensorKey(sensor), 0x67, 0x40, sensor.type, SENSOR_SPECIFIC]),
    le16(sensor.events),
    le16(sensor.events),
    le16(sensor.states),
    Buffer.from([0xc0, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00]),
    idString(sensor.name),
  ])
  return { type: TYPE.compact, body }
}

/** §43.3. */
function eventOnlyRecord({ number, type, name }: { number: number; type: number; name: string }): Body {
  const key = sensorKey({ number, entity: [SYSTEM_BOARD, 1] })
  const rest = Buffer.from([type, SENSOR_SPECIFIC, 0x01, 0x00, 0x00, 0x00])
  return { type: TYPE.eventOnly, body: Buffer.concat([Buffer.from(key), rest, idString(name)]) }
}

/** §43.8: FRU device 0 behind the BMC itself. */
function fruLocator({ model }: Machine): Body {
  const body = Buffer.from([BMC_ADDRESS, 0x00, 0x80, 0x00, 0x00, 0x10, 0x00, SYSTEM_BOARD, 0x01, 0x00])
  return { type: TYPE.fruLocator, body: Buffer.concat([body, idString(model)]) }
}

/** §43.9. */
function controllerLocator(): Body {
  const body = Buffer.from([
    BMC_ADDRESS,
    0x00,
    0x00,
    DEVICE_SUPPORT,
    0,
    0,
    0,
    MANAGEMENT_CONTROLLER,
    0x01,
    0x00,
  ])
  return { type: TYPE.controllerLocator, body: Buffer.concat([body, idString('BMC')]) }
}

/** Type and length, then 8-bit characters (§43.15); at most 16. */
function idString(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1').subarray(0, 16)
  return Buffer.concat([Buffer.from([0xc0 | bytes.length]), bytes])
}
