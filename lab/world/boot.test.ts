import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deploy, maasSystem, PXE, type StubRoom, stubRoom, TENANT, until, untilUp } from './stub-room.ts'
import type { BootFlags, EphemeralHost } from './types.ts'

let room: StubRoom

beforeEach(() => {
  room = stubRoom()
})
afterEach(() => room.world.stop())

const flags = (device: BootFlags['device'], persistent = false): BootFlags => ({
  valid: true,
  persistent,
  efi: true,
  device,
})

/** Lets MAAS answer this machine with an environment; resolves with its host when it runs. */
function environment(mac: string): Promise<EphemeralHost> {
  return new Promise((resolve) => {
    room.maas.answers.set(mac, {
      kind: 'ephemeral',
      purpose: 'commissioning',
      async run(host) {
        resolve(host)
      },
    })
  })
}

describe('boot order', () => {
  test('a blank disk: the network is next, and MAAS hears the boot NIC', async () => {
    const { small, maas } = room
    const running = environment(small.nics[0]?.mac ?? '')
    small.powerOn()
    expect(small.running()).toEqual({ kind: 'firmware' })
    const host = await running
    expect(host.bootNic.name).toBe('eno1')
    expect(host.reachable()).toBe(true)
    expect(maas.heard).toEqual([`boot ${small.nics[0]?.mac}`])
    // run() returned without touching power: the environment stays.
    expect(small.running()).toEqual({ kind: 'ephemeral', purpose: 'commissioning' })
    room.move(small, TENANT)
    expect(host.reachable()).toBe(false)
  })

  test('MAAS does not hear a machine whose port is in another VLAN, shut down, or unplugged', async () => {
    const { small, maas, fabric, world } = room
    const cable = small.nics[0]?.cable ?? { switch: '', port: '' }
    maas.answers.set(small.nics[0]?.mac ?? '', { kind: 'local' })
    const bootsNothing = async () => {
      small.powerOn()
      await until(() => small.running().kind === 'no-boot-device')
      expect(small.power()).toBe('on')
      small.powerOff()
    }
    fabric.set(cable, { untagged: TENANT, tagged: [PXE] })
    await bootsNothing()
    fabric.set(cable, { untagged: PXE, enabled: false })
    await bootsNothing()
    fabric.set(cable, { enabled: true })
    world.setLink('r1-h2', 'eno1', false)
    await bootsNothing()
    expect(maas.heard).toEqual([])
  })

  test('without flags a bootable disk goes before the network', async () => {
    const { small, maas } = room
    await deploy(room, small, maasSystem(small))
    maas.heard.length = 0
    small.reset()
    await untilUp(small)
    expect(maas.heard.filter((line) => line.startsWith('boot'))).toEqual([])
  })

  test('a one-time flag is used up by one boot, a persistent one stays', async () => {
    const { small, maas } = room
    await deploy(room, small, maasSystem(small))
    const asked = () => maas.heard.filter((line) => line.startsWith('boot')).length
    small.powerOff()
    const before = asked()

    small.bootFlags = flags('network')
    small.powerOn()
    await untilUp(small)
    expect(small.bootFlags).toMatchObject({ valid: false })
    expect(asked()).toBe(before + 1)
    small.reset()
    await untilUp(small)
    expect(asked()).toBe(before + 1)

    small.bootFlags = flags('network', true)
    for (const count of [2, 3]) {
      small.reset()
      await untilUp(small)
      expect(asked()).toBe(before + count)
    }
    expect(small.bootFlags).toEqual(flags('network', true))
  })

  test('PXE that nobody answers falls through to the disk: the tenant system boots', async () => {
    const { small, world } = room
    await deploy(room, small, maasSystem(small))
    await untilUp(small)
    small.powerOff()
    await environmentAndPxeIgnored()
    const started = world.clock.now()
    small.powerOn()
    await untilUp(small)
    expect(small.running()).toMatchObject({ kind: 'system', bootCount: 2 })
    // POST, three tries, and only then the disk.
    expect(world.clock.now() - started).toBeGreaterThan(100_000)

    small.bootFlags = flags('network')
    small.reset()
    await until(() => small.running().kind === 'ephemeral')

    async function environmentAndPxeIgnored() {
      void environment(small.nics[0]?.mac ?? '')
      small.dials.pxeIgnored = 1
      small.bootFlags = flags('network')
    }
  })

  test('MAAS says local and nothing is on the disk', async () => {
    const { small, maas } = room
    maas.answers.set(small.nics[0]?.mac ?? '', { kind: 'local' })
    small.powerOn()
    await until(() => small.running().kind === 'no-boot-device')
  })
})

describe('power', () => {
  test('power that goes throws PowerLost into what runs, and a script dies with it', async () => {
    const { small } = room
    const host = await (async () => {
      const running = environment(small.nics[0]?.mac ?? '')
      small.powerOn()
      return running
    })()
    const script = host.runScript('#!/bin/sh\nsleep 30\n', [], {})
    setTimeout(() => small.powerOff(), 20)
    await expect(script).rejects.toThrow('power lost')
    await expect(host.sleep(1)).rejects.toThrow('power lost')
    expect(() => host.install(maasSystem(small))).toThrow('power lost')
    expect(small.installedFiles()).toBeNull()
    expect(small.running()).toEqual({ kind: 'off' })
  })

  test('an environment of a former boot cannot switch the machine off', async () => {
    const { small } = room
    const running = environment(small.nics[0]?.mac ?? '')
    small.powerOn()
    const host = await running
    small.reset()
    host.powerOff()
    host.reboot()
    expect(small.power()).toBe('on')
  })

  test('the button is heeded by a system that is up, and by nothing else', async () => {
    const { small } = room
    small.powerOn()
    small.softOff()
    await until(() => small.running().kind === 'no-boot-device')
    small.softOff()
    small.powerOff()

    await deploy(room, small, maasSystem(small))
    small.softOff()
    await untilUp(small)
    small.dials.softOffIgnored = true
    small.softOff()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(small.power()).toBe('on')

    small.dials.softOffIgnored = false
    small.softOff()
    await until(() => small.power() === 'off')
  })

  test('a cycle is off, a moment, on; a power-off in that moment stands', async () => {
    const { small } = room
    small.powerOn()
    small.powerCycle()
    expect(small.power()).toBe('off')
    await until(() => small.power() === 'on')
    small.powerCycle()
    small.powerOff()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(small.power()).toBe('off')
    small.powerCycle()
    expect(small.power()).toBe('off')
  })

  test('a machine that hangs in POST stays there until power goes', async () => {
    const { small } = room
    small.dials.bootHang = true
    small.powerOn()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(small.running()).toEqual({ kind: 'firmware' })
    small.dials.bootHang = false
    small.reset()
    await until(() => small.running().kind === 'no-boot-device')
  })
})
