import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Bmc } from './bmc.ts'
import { StubConsole } from './test-support/stub-console.ts'
import { type StubMachine, stubMachine } from './test-support/stub-machine.ts'

const CHASSIS = 0x00
const APP = 0x06

let machine: StubMachine
let bmc: Bmc
let console: StubConsole
let now: number

beforeEach(() => {
  now = 0
  machine = stubMachine()
  bmc = new Bmc(machine, { now: () => now })
  console = logIn()
})
afterEach(() => bmc.stop())

function logIn(): StubConsole {
  const one = new StubConsole(bmc)
  one.logIn(machine.bmc)
  one.administrator()
  return one
}

describe('the identify lamp', () => {
  const lamp = () => bmc.controller.identify.state
  const status = () => console.data(CHASSIS, 0x01)[2]

  test('is lit for fifteen seconds, or as many as asked for, and put out by 0', () => {
    console.data(CHASSIS, 0x04)
    expect([lamp(), status()]).toEqual(['timed', 0x50])
    now += 15_001
    expect([lamp(), status()]).toEqual(['off', 0x40])
    console.data(CHASSIS, 0x04, [60])
    now += 59_000
    expect(lamp()).toBe('timed')
    console.data(CHASSIS, 0x04, [0])
    expect(lamp()).toBe('off')
  })

  test('stays lit when forced', () => {
    console.data(CHASSIS, 0x04, [0, 1])
    now += 50_000
    expect([lamp(), status()]).toEqual(['forced', 0x60])
    console.data(CHASSIS, 0x04, [0])
    expect(lamp()).toBe('off')
  })
})

test('the chassis status knows fans, intrusion, restore policy and who switched on', () => {
  expect([...console.data(CHASSIS, 0x01)]).toEqual([0x00, 0x00, 0x40])
  machine.physics.fansRpm = [3_000, 0, 3_000, 3_000]
  machine.physics.chassisOpen = true
  expect([...console.data(CHASSIS, 0x06, [2])]).toEqual([7])
  console.data(CHASSIS, 0x02, [1])
  expect([...console.data(CHASSIS, 0x01)]).toEqual([0x41, 0x10, 0x49])
  expect(console.completion(CHASSIS, 0x06, [5])).toBe(0xcc)
  expect([...console.data(CHASSIS, 0x07)]).toEqual([1, 0])
})

describe('a restart of the BMC', () => {
  test('comes after its answer, ends all sessions, is silent for a while, and keeps what is in its memory', async () => {
    console.data(CHASSIS, 0x04, [0, 1])
    expect(console.completion(APP, 0x02)).toBe(0)
    await Promise.resolve()
    expect(console.command(APP, 0x01)).toBeNull()
    expect(bmc.sessions.size).toBe(0)
    const ping = Buffer.from('0600ff06000011be80420000', 'hex')
    expect(bmc.handle(ping, 'x')).toBeNull()
    now += 2_000
    expect(bmc.handle(ping, 'x')).not.toBeNull()
    // The old session stays lost.
    expect(console.command(APP, 0x01)).toBeNull()
    console = logIn()
    expect(bmc.controller.identify.state).toBe('forced')
  })

  test('is for ADMINISTRATOR', () => {
    console.data(APP, 0x3b, [3])
    expect(console.completion(APP, 0x02)).toBe(0xd4)
    expect(console.completion(APP, 0x03)).toBe(0xd4)
  })
})

describe('power', () => {
  test('that is slow happens later; the state is the old one until then', () => {
    vi.useFakeTimers()
    bmc.dials.powerDelayMs = 5_000
    console.data(CHASSIS, 0x02, [1])
    vi.advanceTimersByTime(4_999)
    expect(machine.power()).toBe('off')
    expect(bmc.controller.powerPending).toBe(true)
    vi.advanceTimersByTime(1)
    expect(machine.power()).toBe('on')
    expect(bmc.controller.powerPending).toBe(false)
    vi.useRealTimers()
  })

  test('that is stuck never happens', () => {
    bmc.dials.stuckPower = true
    expect(console.completion(CHASSIS, 0x02, [1])).toBe(0)
    expect(machine.acts).toEqual([])
  })
})

test('a button at the front panel: on, ACPI off, reset; it clears boot flags that were not meant for it', () => {
  const set = (...bytes: number[]) => console.data(CHASSIS, 0x08, bytes)
  set(5, 0x80, 0x04, 0, 0, 0)
  bmc.controller.pressButton('reset')
  expect(machine.acts.splice(0)).toEqual(['boot flags valid network'])
  bmc.controller.pressButton('power')
  expect(machine.acts.splice(0)).toEqual(['boot flags invalid network', 'on', 'boot as set up'])
  set(3, 0x02)
  set(5, 0xc0, 0x04, 0, 0, 0)
  bmc.controller.pressButton('reset')
  expect(machine.acts.splice(0)).toEqual(['boot flags valid network', 'reset', 'boot network'])
  bmc.controller.pressButton('power')
  expect(machine.power()).toBe('off')
})

test('channel, user, session and LAN settings', () => {
  expect(console.data(APP, 0x42, [0x0e]).toString('hex')).toBe('01040181f21b000000')
  expect(console.completion(APP, 0x42, [5])).toBe(0xcc)
  expect(console.data(APP, 0x46, [2]).toString('latin1').replaceAll('\0', '')).toBe('maas')
  expect([...console.data(APP, 0x44, [1, 2])]).toEqual([2, 0x41, 0, 0x34])
  expect(console.completion(APP, 0x46, [3])).toBe(0xc9)
  expect([...console.data(APP, 0x3d, [0])].slice(0, 6)).toEqual([1, 4, 1, 2, 4, 0x11])
  expect([...console.data(APP, 0x3d, [3])]).toEqual([0, 4, 1])
  expect(console.completion(APP, 0x3d, [9])).toBe(0xcb)
  expect([...console.data(0x0c, 0x02, [1, 3, 0, 0])]).toEqual([0x11, 127, 0, 0, 1])
  expect([...console.data(0x0c, 0x02, [1, 5, 0, 0])]).toEqual([0x11, 2, 0, 0, 0, 3, 255])
  expect(console.completion(0x0c, 0x02, [1, 99, 0, 0])).toBe(0x80)
})
