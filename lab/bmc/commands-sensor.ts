import { type Answer, done, refused } from './answer.ts'
import { byteAt, le16 } from './bytes.ts'
import type { Command, CommandContext } from './command.ts'
import { COMPLETION, NETFN } from './message.ts'
import { type Sensor, THRESHOLDS, type Threshold } from './sensor-table.ts'
import { eventOffset, HYSTERESIS } from './sensors.ts'
import { PRIVILEGE } from './sessions.ts'

const THRESHOLD_TYPE = 0x01
const SENSOR_SPECIFIC = 0x6f
/** Events and scanning are on. */
const ENABLED = 0xc0
const UNAVAILABLE = 0x20

/** In the order in which Get and Set Sensor Thresholds have them. */
const ORDER: readonly Threshold[] = ['lnc', 'lcr', 'lnr', 'unc', 'ucr', 'unr']

export const SENSOR_COMMANDS: readonly Command[] = [
  about(0x23, getFactors),
  about(0x25, () => done(Buffer.from([HYSTERESIS, HYSTERESIS]))),
  { ...about(0x26, setThresholds), privilege: PRIVILEGE.operator, minBytes: 8 },
  about(0x27, getThresholds),
  about(0x29, getEventEnable),
  about(0x2b, getEventStatus),
  about(0x2d, getReading),
  about(0x2f, (_, sensor) =>
    done(Buffer.from([sensor.type, sensor.kind === 'analog' ? THRESHOLD_TYPE : SENSOR_SPECIFIC])),
  ),
]

/** Every command of this network function begins with the sensor's number. */
function about(
  command: number,
  run: (context: CommandContext, sensor: Sensor, data: Buffer) => Answer,
): Command {
  return {
    netFn: NETFN.sensor,
    command,
    privilege: PRIVILEGE.user,
    minBytes: 1,
    run(context, data) {
      const sensor = context.sensors.find(byteAt(data, 0))
      if (sensor === undefined) return refused(COMPLETION.notPresent)
      context.sensors.scan()
      return run(context, sensor, data)
    },
  }
}

/** IPMI 2.0 §35.14. */
function getReading({ sensors }: CommandContext, sensor: Sensor): Answer {
  if (sensor.kind === 'discrete') {
    const bits = sensors.bits(sensor)
    return done(Buffer.from([0x00, ENABLED, bits & 0xff, 0x80 | (bits >> 8)]))
  }
  const raw = sensors.raw(sensor)
  if (raw === null) return done(Buffer.from([0x00, ENABLED | UNAVAILABLE, 0xc0]))
  const crossed = sensors.crossed(sensor)
  const status = ORDER.reduce((bits, name, bit) => (crossed.has(name) ? bits | (1 << bit) : bits), 0xc0)
  return done(Buffer.from([raw, ENABLED, status]))
}

/** §35.5; the whole range has the same factors, so the next reading is none. */
function getFactors(_: CommandContext, sensor: Sensor): Answer {
  if (sensor.kind === 'discrete') return refused(COMPLETION.notInPresentState)
  const { m, exponent } = sensor.step
  return done(Buffer.from([0x00, m & 0xff, (m >> 8) << 6, 0x00, 0x00, 0x00, (exponent & 0x0f) << 4]))
}

function getThresholds({ sensors }: CommandContext, sensor: Sensor): Answer {
  if (sensor.kind === 'discrete') return refused(COMPLETION.notInPresentState)
  const set = sensors.thresholds(sensor)
  const mask = ORDER.reduce((bits, name, bit) => (set.has(name) ? bits | (1 << bit) : bits), 0)
  return done(Buffer.from([mask, ...ORDER.map((name) => set.get(name) ?? 0)]))
}

function setThresholds({ sensors }: CommandContext, sensor: Sensor, data: Buffer): Answer {
  const set = sensors.thresholds(sensor)
  const mask = byteAt(data, 1)
  const named = ORDER.filter((_, bit) => (mask & (1 << bit)) !== 0)
  // Only those that the sensor has can be moved.
  if (named.some((name) => !set.has(name))) return refused(COMPLETION.invalidField)
  for (const name of named) set.set(name, byteAt(data, 2 + ORDER.indexOf(name)))
  sensors.scan()
  return done()
}

function getEventEnable({ sensors }: CommandContext, sensor: Sensor): Answer {
  const mask = le16(possibleEvents(sensor, sensors.thresholds(sensor)))
  return done(Buffer.concat([Buffer.from([ENABLED]), mask, mask]))
}

function getEventStatus({ sensors }: CommandContext, sensor: Sensor): Answer {
  const active =
    sensor.kind === 'discrete'
      ? sensors.bits(sensor) & sensor.events
      : THRESHOLDS.reduce(
          (bits, name) => (sensors.crossed(sensor).has(name) ? bits | (1 << eventOffset(name)) : bits),
          0,
        )
  return done(Buffer.concat([Buffer.from([ENABLED]), le16(active), le16(0)]))
}

function possibleEvents(sensor: Sensor, thresholds: Map<Threshold, number>): number {
  if (sensor.kind === 'discrete') return sensor.events
  return THRESHOLDS.reduce((bits, name) => (thresholds.has(name) ? bits | (1 << eventOffset(name)) : bits), 0)
}
