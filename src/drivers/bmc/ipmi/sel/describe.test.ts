import { expect, test } from 'vitest'
import type { Sensor } from '../sdr/sensor-record.ts'
import { describeRecord } from './describe.ts'

const inlet: Sensor = {
  ...{
    name: 'Inlet Temp',
    owner: 0x20,
    lun: 0,
    number: 0x30,
    type: 1,
    eventType: 1,
    readable: true,
    mask: 0x3f,
  },
  analog: {
    ...{ format: "2's complement", linearisation: 0 },
    factors: { m: 5, b: 0, bExponent: 0, rExponent: -1 },
    units: { percentage: false, compound: false, base: 1 },
  },
}

function find(owner: number, lun: number, number: number): Sensor | undefined {
  return owner === 0x20 && lun === 0 && number === 0x30 ? inlet : undefined
}

const time = Buffer.alloc(4)
time.writeUInt32LE(Date.UTC(2026, 10, 23, 8) / 1000)

/** Record 258 of a system event, from the generator's two bytes on. */
function event(hex: string): Buffer {
  return Buffer.concat([Buffer.from('020102', 'hex'), time, Buffer.from(hex, 'hex')])
}

test.each([
  // thresholds, with reading and limit in the unit of the sensor
  ['20000401300159465a', 'critical: Inlet Temp: upper critical going high: reading 35 °C, threshold 45 °C'],
  [
    '20000401308157465a',
    'info: Inlet Temp: upper non-critical going high: reading 35 °C, threshold 45 °C, deasserted',
  ],
  ['200004013001520afb', 'critical: Inlet Temp: lower critical going low: reading 5 °C, threshold -2.5 °C'],
  [
    '20000401300151ffff',
    'info: Inlet Temp: lower non-critical going high: reading -0.5 °C, threshold -0.5 °C',
  ],
  ['20000401300109ffff', 'critical: Inlet Temp: upper critical going high'],
  ['2000040131015946ff', 'critical: Temperature #31h: upper critical going high'],
  ['2000040130010fffff', 'info: Inlet Temp: event type 01h, data 0FFFFFh'],
  // sensor-specific, with what the data bytes add
  ['20000408206f03ffff', 'critical: Power Supply #20h: input lost'],
  ['20000408206f36ff03', 'critical: Power Supply #20h: configuration error: power supply rating mismatch'],
  ['2000040c206f310007', 'critical: Memory #20h: uncorrectable ECC error: memory module 7'],
  ['3100040f006fc002ff', 'critical: System Firmware: firmware error: no usable system memory'],
  ['3100040f006fc213ff', 'info: System Firmware: firmware progress: starting the OS boot process'],
  ['2000042a206fc282ff', 'warning: Session Audit #20h: wrong user name or password: user 2'],
  ['20000421206f80ff05', 'critical: Slot #20h: fault: data FF05h'],
  // generic
  ['20000404200b01ffff', 'warning: Fan #20h: redundancy lost'],
  ['20000404208b01ffff', 'info: Fan #20h: redundancy lost, deasserted'],
  ['200004c0207003aabb', 'info: OEM sensor #20h: event type 70h, data 03AABBh'],
])('%s is "%s"', (hex, text) => {
  const { id, at, severity, source, message } = describeRecord(event(hex), find)
  expect([id, at]).toEqual(['258', '2026-11-23T08:00:00.000Z'])
  expect(`${severity}: ${source}: ${message}`).toBe(text)
})

test.each([
  ['00000000', null],
  ['00000020', null],
  ['01000020', '1987-01-05T18:48:33.000Z'],
  ['ffffffff', null],
  ['feffffff', '2106-02-07T06:28:14.000Z'],
])('time %s is %s', (seconds, at) => {
  const record = Buffer.from(`010002${seconds}20000408206f03ffff`, 'hex')
  expect(describeRecord(record, find).at).toBe(at)
})

test.each([
  ['0100c100b51c6a570100010203040506', 'OEM record of maker 343 of type C1h: 010203040506h'],
  ['0100e00102030405060708090a0b0c0d', 'OEM record of type E0h: 0102030405060708090A0B0C0Dh'],
  ['01000500b51c6a570100010203040506', 'a record of type 05h'],
  ['0100', 'a record that is cut short'],
])('%s is told as it is', (hex, text) => {
  const entry = describeRecord(Buffer.from(hex, 'hex'), find)
  expect(entry).toMatchObject({ id: '1', severity: 'info', message: expect.stringContaining(text) })
})
