import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deploy, maasSystem, type StubRoom, stubRoom, until, untilUp } from './stub-room.ts'
import type { MachineEvent, WorldMachine } from './types.ts'

let room: StubRoom
beforeEach(() => {
  room = stubRoom()
})
afterEach(() => room.world.stop())

async function pass(minutes: number): Promise<void> {
  await room.world.clock.sleep(minutes * 60_000)
}

function cpu(machine: WorldMachine): number {
  return machine.readings().cpusC[0] ?? 0
}

describe('heat', () => {
  test('comes with power and load, goes with them, and takes its time', async () => {
    const { large } = room
    expect(large.readings()).toMatchObject({ inletC: 22, cpusC: [22, 20], watts: 8 })
    large.powerOn()
    expect(cpu(large)).toBeCloseTo(22, 0)
    await until(() => large.running().kind === 'no-boot-device')
    const inPost = cpu(large)
    expect(inPost).toBeGreaterThan(35)
    await pass(20)
    const idle = cpu(large)
    expect(idle).toBeGreaterThan(25)
    expect(idle).toBeLessThan(inPost)
    large.powerOff()
    expect(cpu(large)).toBeCloseTo(idle, 0)
    await pass(20)
    expect(cpu(large)).toBeCloseTo(22, 0)
  })

  test('a fan that stands makes it warmer, and the others faster', async () => {
    const { small } = room
    small.powerOn()
    await pass(20)
    const before = small.readings()
    small.dials.failedFans = [2, 3]
    small.hardwareChanged()
    await pass(20)
    const after = small.readings()
    expect(after.fansRpm[1]).toBe(0)
    expect(after.fansRpm[0]).toBeGreaterThan(before.fansRpm[0] ?? 0)
    expect(after.cpusC[0]).toBeGreaterThan((before.cpusC[0] ?? 0) + 10)
    small.dials.inletC = 35
    expect(cpu(small)).toBeCloseTo((after.cpusC[0] ?? 0) + 13, 0)
  })
})

describe('power supplies', () => {
  test('share the load; the last one that goes takes the machine with it', () => {
    const { small } = room
    small.powerOn()
    const both = small.readings()
    expect(both.psus[0]?.watts).toBeCloseTo(both.watts / 2)
    small.dials.failedPsus = [1]
    small.hardwareChanged()
    expect(small.readings().psus).toMatchObject([{ failed: true, watts: 0 }, { failed: false }])
    expect(small.readings().psus[1]?.watts).toBeCloseTo(both.watts)
    expect(small.power()).toBe('on')
    small.dials.absentPsus = [2]
    small.hardwareChanged()
    expect(small.power()).toBe('off')
    small.powerOn()
    expect(small.power()).toBe('off')
    small.dials.failedPsus = []
    small.powerOn()
    expect(small.power()).toBe('on')
  })
})

test('events: power, network boot in vain, nothing to boot, hang, hand-over to a system', async () => {
  const { small } = room
  const events: MachineEvent[] = []
  small.onEvent((event) => events.push(event))
  small.powerOn()
  await until(() => small.running().kind === 'no-boot-device')
  small.powerOff()
  expect(events.splice(0)).toEqual([
    { kind: 'power', on: true },
    { kind: 'network-boot-failed' },
    { kind: 'no-boot-device' },
    { kind: 'power', on: false },
  ])
  await deploy(room, small, maasSystem(small))
  await untilUp(small)
  small.dials.bootHang = true
  small.reset()
  await until(() => events.some(({ kind }) => kind === 'firmware-hang'))
  expect(events).toEqual([
    { kind: 'power', on: true },
    { kind: 'boot', from: 'network' },
    { kind: 'reset' },
    { kind: 'boot', from: 'disk' },
    { kind: 'reset' },
    { kind: 'firmware-hang' },
  ])
})
