import { beforeEach, expect, test } from 'vitest'
import { Bmc } from './bmc.ts'
import { ManagementController } from './controller.ts'
import { SEL_CAPACITY } from './sel.ts'
import { StubConsole } from './test-support/stub-console.ts'
import { type StubMachine, stubMachine } from './test-support/stub-machine.ts'

const STORAGE = 0x0a
const NOW = Date.UTC(2026, 10, 23, 12)

let machine: StubMachine
let console: StubConsole

beforeEach(() => {
  machine = stubMachine()
  const controller = new ManagementController(machine, { wallClock: () => NOW })
  console = new StubConsole(new Bmc(machine, { controller }))
  console.logIn(machine.bmc)
  console.administrator()
})

function seconds(at: number): number[] {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(at / 1000)
  return [...bytes]
}

function reserve(): number[] {
  return [...console.data(STORAGE, 0x42)]
}

const first = [0, 0]
const whole = [0, 0xff]

test('entries have ids, times and a chain from the first to the last', () => {
  machine.powerOn()
  const info = console.data(STORAGE, 0x40)
  expect(info.readUInt16LE(1)).toBe(3)
  expect(info.readUInt32LE(5)).toBe(NOW / 1000)
  const one = console.data(STORAGE, 0x43, [0, 0, ...first, ...whole])
  expect(one.readUInt16LE(0)).toBe(2)
  expect(one.readUInt16LE(2)).toBe(1)
  expect(one.readUInt32LE(5)).toBe(NOW / 1000)
  const last = console.data(STORAGE, 0x43, [0, 0, 0xff, 0xff, ...whole])
  expect(last.readUInt16LE(0)).toBe(0xffff)
  expect(console.completion(STORAGE, 0x43, [0, 0, 99, 0, ...whole])).toBe(0xcb)
})

test('the clock can be set, and its offset; entries follow it', () => {
  const later = NOW + 86_400_000
  console.data(STORAGE, 0x49, seconds(later))
  expect([...console.data(STORAGE, 0x48)]).toEqual(seconds(later))
  console.data(STORAGE, 0x5d, [60, 0])
  expect(console.data(STORAGE, 0x5c).readInt16LE(0)).toBe(60)
  machine.powerOn()
  expect(console.data(STORAGE, 0x43, [0, 0, ...first, ...whole]).readUInt32LE(5)).toBe(later / 1000)
})

test('clearing needs a reservation, which an older one is not, and leaves the note of it', () => {
  machine.powerOn()
  const old = reserve()
  const clear = (reservation: number[], action = 0xaa) => [...reservation, ...Buffer.from('CLR'), action]
  const now = reserve()
  expect(console.completion(STORAGE, 0x47, clear(old))).toBe(0xc5)
  expect(console.completion(STORAGE, 0x47, [...now, 1, 2, 3, 0xaa])).toBe(0xcc)
  expect([...console.data(STORAGE, 0x47, clear(now))]).toEqual([1])
  expect([...console.data(STORAGE, 0x47, clear(now, 0))]).toEqual([1])
  expect(console.data(STORAGE, 0x40).readUInt16LE(1)).toBe(1)
  const note = console.data(STORAGE, 0x43, [0, 0, ...first, ...whole])
  // "Event logging disabled": log area cleared.
  expect(note.subarray(12).toString('hex')).toBe('10746f02ffff')
  expect(note.readUInt16LE(2)).toBe(4)
})

test('entries can be added and deleted', () => {
  const record = [0, 0, 0x02, 0, 0, 0, 0, 0x41, 0, 4, 0x12, 0x77, 0x6f, 1, 2, 3]
  expect(console.data(STORAGE, 0x44, record).readUInt16LE(0)).toBe(1)
  const kept = console.data(STORAGE, 0x43, [0, 0, ...first, ...whole]).subarray(2)
  expect(kept.toString('hex')).toBe(`010002${Buffer.from(seconds(NOW)).toString('hex')}41000412776f010203`)
  expect(console.completion(STORAGE, 0x46, [...reserve(), 9, 0])).toBe(0xcb)
  expect(console.data(STORAGE, 0x46, [...reserve(), 1, 0]).readUInt16LE(0)).toBe(1)
  expect(console.data(STORAGE, 0x40).readUInt16LE(1)).toBe(0)
})

test('a full log takes no more, and says that it has overflowed', () => {
  const record = [0, 0, 0x02, 0, 0, 0, 0, 0x41, 0, 4, 0x12, 0x77, 0x6f, 1, 2, 3]
  for (let n = 0; n < SEL_CAPACITY; n += 1) console.data(STORAGE, 0x44, record)
  expect(console.data(STORAGE, 0x40)[13]).toBe(0x0a)
  expect(console.completion(STORAGE, 0x44, record)).toBe(0xc4)
  expect(console.data(STORAGE, 0x40)[13]).toBe(0x8a)
  expect(console.data(STORAGE, 0x40).readUInt16LE(3)).toBe(0)
})

test('FRU data is there in pieces, with areas whose bytes sum up to zero', () => {
  const size = console.data(STORAGE, 0x10, [0]).readUInt16LE(0)
  const pieces: Buffer[] = []
  for (let at = 0; at < size; at += 64)
    pieces.push(console.data(STORAGE, 0x11, [0, at & 0xff, at >> 8, 64]).subarray(1))
  const data = Buffer.concat(pieces)
  const sum = (bytes: Buffer) => bytes.reduce((all, byte) => all + byte, 0) & 0xff
  expect(sum(data.subarray(0, 8))).toBe(0)
  for (const at of [2, 3, 4].map((index) => (data[index] ?? 0) * 8))
    expect(sum(data.subarray(at, at + (data[at + 1] ?? 0) * 8))).toBe(0)
  for (const text of [machine.manufacturer, machine.model, machine.serial])
    expect(data.includes(text)).toBe(true)
  expect(console.completion(STORAGE, 0x11, [0, 0, 0, 65])).toBe(0xca)
  expect(console.completion(STORAGE, 0x11, [0, 0, 9, 16])).toBe(0xc9)
  expect(console.completion(STORAGE, 0x11, [1, 0, 0, 16])).toBe(0xcb)
})
