import { describe, expect, test } from 'vitest'
import { stubBootServer, stubFabric } from './stub-parts.ts'
import {
  deploy,
  HAND_OVER,
  maasSystem,
  PXE,
  type StubRoom,
  stubRoom,
  TENANT,
  until,
  untilUp,
} from './stub-room.ts'
import { createWorld } from './world.ts'

const options = { scale: Number.POSITIVE_INFINITY, site: 40, bmcPort: 623, startAt: 0 }

async function walk(room: StubRoom): Promise<void> {
  const { large, maas, world } = room
  maas.userData = HAND_OVER
  await deploy(room, large, maasSystem(large))
  await until(() => large.power() === 'off')
  room.move(large, TENANT)
  large.powerOn()
  await untilUp(large)
  await world.stop()
}

describe('world', () => {
  test('equal seeds give equal diaries to the virtual second, other seeds other times', async () => {
    const rooms = [stubRoom(7), stubRoom(7), stubRoom(8)]
    for (const room of rooms) await walk(room)
    const [one, same, other] = rooms.map(({ world }) =>
      world.diary.map((line) => ({ ...line, at: Math.floor(line.at / 1000) })),
    )
    expect(one?.length).toBeGreaterThan(10)
    expect(one).toEqual(same)
    expect(one).not.toEqual(other)
  })

  test('the two racks: sixteen machines with unique addresses, cabled as the lab is built', () => {
    const { machines } = createWorld({ seed: 1, ...options })
    expect(machines.map(({ name }) => name)).toContain('r2-h8')
    const macs = machines.flatMap(({ nics, bmc }) => [...nics.map(({ mac }) => mac), bmc.mac])
    expect(new Set(macs).size).toBe(16 + 8 * 2 + 8)
    expect(new Set(machines.map(({ bmc }) => bmc.address)).size).toBe(16)
    expect(machines.find(({ name }) => name === 'r2-h3')?.nics.map(({ cable }) => cable)).toEqual([
      { switch: '127.40.20.3', port: '1/3' },
      { switch: '127.40.20.4', port: '1/3' },
    ])
    for (const { bmc } of machines) expect(bmc.password.length).toBeLessThanOrEqual(16)
  })

  test('is found by name and by MAC in any case', () => {
    const world = createWorld({ seed: 1, ...options })
    const mac = world.machine('r1-h3').nics[1]?.mac ?? ''
    expect(world.machineByMac(mac.toUpperCase())?.name).toBe('r1-h3')
    expect(world.machineByMac('02:00:00:00:00:00')).toBeUndefined()
    expect(() => world.machine('r9-h1')).toThrow('no machine r9-h1')
  })

  test('after a restart everything stands as before, and what was on boots anew', async () => {
    const before = stubRoom()
    before.maas.userData = HAND_OVER
    await deploy(before, before.large, maasSystem(before.large))
    await until(() => before.large.power() === 'off')
    before.move(before.large, TENANT)
    before.large.powerOn()
    await untilUp(before.large)
    before.world.setLink('r1-h2', 'eno1', false)
    before.small.bootFlags = { valid: true, persistent: true, efi: true, device: 'disk' }
    before.small.dials.slow = 3
    before.world.machine('r1-h3').disks.forEach((disk) => {
      disk.readOnly = true
    })
    const state = JSON.parse(JSON.stringify(before.world.snapshot()))
    const hash = before.large.disks[1]?.hash()
    const boots = before.large.running()
    await before.world.stop()

    const world = createWorld({ seed: 1, ...options })
    world.restore(state)
    expect(world.machine('r1-h1').power()).toBe('off')
    const fabric = stubFabric(PXE)
    world.connect({ fabric, bootServer: stubBootServer(PXE) })
    const large = world.machine('r1-h1')
    expect(large.power()).toBe('on')
    expect(large.running()).toEqual({ kind: 'firmware' })
    expect(large.disks[1]?.hash()).toBe(hash)
    expect(world.clock.now()).toBeGreaterThanOrEqual(state.now)
    const small = world.machine('r1-h2')
    expect(small.power()).toBe('off')
    expect(small.nics[0]?.linkUp).toBe(false)
    expect(small.bootFlags).toEqual({ valid: true, persistent: true, efi: true, device: 'disk' })
    expect(small.dials.slow).toBe(3)
    expect(world.machine('r1-h3').disks.map(({ readOnly }) => readOnly)).toEqual([true, true])
    await untilUp(large)
    expect(boots.kind === 'system' && boots.bootCount).toBe(2)
    expect(large.running()).toMatchObject({ hostname: 'r1-h1', bootCount: 3 })
    await world.stop()
  })

  test('a snapshot of something else is refused', () => {
    expect(() => createWorld({ seed: 1, ...options }).restore({ version: 9 })).toThrow('no snapshot')
  })

  test('listeners hear the diary until they end it', async () => {
    const { world, small } = stubRoom()
    const heard: string[] = []
    const end = world.onSighting(({ detail }) => heard.push(detail))
    small.powerOn()
    small.powerOff()
    end()
    small.powerOn()
    expect(heard).toEqual(['on', 'off'])
    await world.stop()
  })
})
