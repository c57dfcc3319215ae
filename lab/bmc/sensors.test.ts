import { beforeEach, describe, expect, test } from 'vitest'
import { Bmc } from './bmc.ts'
import { ManagementController } from './controller.ts'
import { StubConsole } from './test-support/stub-console.ts'
import { type StubMachine, stubMachine } from './test-support/stub-machine.ts'

const SENSOR = 0x04
const STORAGE = 0x0a
const NOW = Date.UTC(2026, 10, 23, 12)

let machine: StubMachine
let bmc: Bmc
let console: StubConsole
let wall: number

beforeEach(() => {
  wall = NOW
  machine = stubMachine()
  bmc = new Bmc(machine, { controller: new ManagementController(machine, { wallClock: () => wall }) })
  console = new StubConsole(bmc)
  console.logIn(machine.bmc)
  console.administrator()
})

function reading(number: number): number[] {
  return [...console.data(SENSOR, 0x2d, [number])]
}

/** Sensor type, number, direction and type, event data; since the last call. */
function events(): string[] {
  bmc.controller.sensors.scan()
  const log = bmc.controller.log
  const found = log.records().map((record) => record.subarray(10).toString('hex'))
  log.clear()
  return found
}

describe('readings', () => {
  test('are raw counts of what the machine meets', () => {
    machine.physics.inletC = 31.4
    machine.physics.fansRpm = [3_140, 0, 3_000, null]
    expect(reading(0x01)).toEqual([31, 0xc0, 0xc0])
    expect(reading(0x10)).toEqual([31, 0xc0, 0xc0])
    // 12.12 V in hundredths by six
    expect(reading(0x33)[0]).toBe(202)
    // Stands still: below all three.
    expect(reading(0x11)).toEqual([0, 0xc0, 0xc7])
    // Off: no reading, and no alarm either.
    expect(reading(0x13)).toEqual([0, 0xe0, 0xc0])
    expect(console.completion(SENSOR, 0x2d, [0xee])).toBe(0xcb)
  })

  test('discrete ones are bits', () => {
    machine.physics.psus = [
      { present: true, failed: true, watts: 0 },
      { present: false, failed: false, watts: 0 },
    ]
    machine.physics.chassisOpen = true
    expect(reading(0x40)).toEqual([0, 0xc0, 3, 0x80])
    expect(reading(0x41)).toEqual([0, 0xc0, 0, 0x80])
    expect(reading(0x50)).toEqual([0, 0xc0, 1, 0x80])
    expect(reading(0x60)).toEqual([0, 0xc0, 0x40, 0x80])
  })
})

describe('events', () => {
  test('are logged once when they come and once when they go, with reading and threshold', () => {
    machine.physics.inletC = 43
    // Temperature, sensor 1, assertion of "upper non-critical going high": 43 over 42.
    expect(events()).toEqual(['010101572b2a'])
    expect(events()).toEqual([])
    machine.physics.inletC = 48
    expect(events()).toEqual(['01010159302f'])
    // Back below the critical one, but not by the hysteresis.
    machine.physics.inletC = 46
    expect(events()).toEqual([])
    machine.physics.inletC = 30
    expect(events()).toEqual(['010181571e2a', '010181591e2f'])
  })

  test('of power supplies, fans and the chassis', () => {
    machine.physics.psus = [
      { present: true, failed: true, watts: 0 },
      { present: true, failed: false, watts: 120 },
    ]
    machine.physics.chassisOpen = true
    expect(events()).toEqual(['08406f01ffff', '05506f00ffff'])
    machine.physics.fansRpm = [600, 3_000, 3_000, 3_000]
    expect(events()).toEqual(['041001500607'])
    machine.physics.chassisOpen = false
    expect(events()).toEqual(['0550ef00ffff'])
  })

  test('of power and boot come by wire, at their own time', () => {
    machine.powerOn()
    expect(events()).toEqual(['22606f00ffff', '2260ef06ffff', '1d726f00ffff'])
    wall += 5_000
    machine.emit({ kind: 'network-boot-failed' })
    machine.emit({ kind: 'boot', from: 'disk' })
    machine.emit({ kind: 'boot', from: 'network' })
    machine.emit({ kind: 'no-boot-device' })
    machine.emit({ kind: 'firmware-hang' })
    machine.emit({ kind: 'reset' })
    expect(bmc.controller.log.records()[0]?.readUInt32LE(3)).toBe((NOW + 5_000) / 1000)
    expect(events()).toEqual([
      '1e716f02ffff',
      '1f736f01ffff',
      '1f736f02ffff',
      '1e716f00ffff',
      '0f706f01ffff',
      '1d726f01ffff',
    ])
  })
})

test('thresholds can be read and moved, which is heeded at once', () => {
  expect(console.data(SENSOR, 0x27, [1]).toString('hex')).toBe('3b0503002a2f32')
  console.data(SENSOR, 0x26, [1, 0x08, 0, 0, 0, 20, 0, 0])
  expect(reading(0x01)).toEqual([22, 0xc0, 0xc8])
  expect(events()).toEqual(['010101571614'])
  expect(console.completion(SENSOR, 0x26, [0x02, 0x01, 9, 0, 0, 0, 0, 0])).toBe(0xcc)
  expect(console.completion(SENSOR, 0x27, [0x40])).toBe(0xd5)
  expect(console.data(SENSOR, 0x23, [0x33, 200]).toString('hex')).toBe('000600000000e0')
  expect(console.data(SENSOR, 0x2f, [0x40]).toString('hex')).toBe('086f')
})

describe('records of the repository', () => {
  const get = (id: number, offset = 0, count = 0xff, reservation = 0) =>
    console.command(STORAGE, 0x23, [reservation & 0xff, reservation >> 8, id & 0xff, id >> 8, offset, count])

  test('can be walked whole, and end', () => {
    const count = console.data(STORAGE, 0x20).readUInt16LE(1)
    const ids: number[] = []
    for (let id = 0; id !== 0xffff; ) {
      const answer = get(id)?.data ?? Buffer.alloc(0)
      ids.push(answer.readUInt16LE(2))
      expect(answer.length).toBe(2 + 5 + (answer[6] ?? 0))
      id = answer.readUInt16LE(0)
    }
    expect(ids).toEqual(Array.from({ length: count }, (_, index) => index + 1))
    expect(get(0xffff)?.data.readUInt16LE(2)).toBe(count)
    expect(get(999)?.completion).toBe(0xcb)
  })

  test('come in pieces with a reservation, which the next one cancels', () => {
    const reservation = console.data(STORAGE, 0x22).readUInt16LE(0)
    const whole = get(4)?.data.subarray(2) ?? Buffer.alloc(0)
    expect(get(4, 5, 16, reservation)?.data.subarray(2)).toEqual(whole.subarray(5, 21))
    expect(get(4, 5, 200, reservation)?.completion).toBe(0xca)
    expect(get(4, 200, 16, reservation)?.completion).toBe(0xc9)
    console.data(STORAGE, 0x22)
    expect(get(4, 5, 16, reservation)?.completion).toBe(0xc5)
  })
})
