import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deployInstance } from '../../src/services/deploy.ts'
import { hostView } from '../../src/services/hosts.ts'
import {
  attachNetwork,
  destroyInstance,
  detachNetwork,
  findInstance,
  rebootInstance,
  startInstance,
  stopInstance,
} from '../../src/services/instances.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

/** The whole life of one server, asserted on the lab's world: leases, port VLANs, disk bytes, power. */
describe('the life of a server', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig({ racks: ['r1'] })
    await furnish(rig)
  }, 60_000)
  afterAll(() => rig?.stop())

  const nicOf = (vlan: number) => rig.lab.routers.reserve(vlan, {})
  const portsOf = (name: string) =>
    rig.lab.world.machine(name).nics.map((nic) => rig.lab.fabric.membership(nic.cable))

  test('enlist: commissioned, erased, in the pool', async () => {
    const operation = await rig.enlist('r1-h1')
    expect(operation).toMatchObject({ state: 'succeeded', error: null })
    expect(await hostView(rig.core.services, 'r1-h1')).toMatchObject({
      state: 'available',
      cpuCount: 16,
      dirty: false,
    })
    expect(rig.lab.world.machine('r1-h1').power()).toBe('off')
  }, 60_000)

  test('deploy on two NICs: a bond with the MAC that the cloud allocated, on the tenant VLANs', async () => {
    const blue = nicOf(101)
    const green = nicOf(102)
    const { operation } = await deployInstance(rig.core.services, admin, {
      name: 'web1',
      template: 'jammy',
      offering: 'large',
      nics: [
        { network: 'blue', mac: blue.mac },
        { network: 'green', mac: green.mac },
      ],
    })
    expect(await rig.ended(operation.id)).toMatchObject({ state: 'succeeded', error: null })
    expect(portsOf('r1-h1')).toEqual([
      { enabled: true, untagged: 101, tagged: [102] },
      { enabled: true, untagged: 101, tagged: [102] },
    ])
    const machine = rig.lab.world.machine('r1-h1')
    await expect
      .poll(() => machine.interfaces().map((one) => [one.mac, one.vlan, one.lease?.ip]), { timeout: 10_000 })
      .toEqual([
        [blue.mac, 101, blue.ip],
        [green.mac, 102, green.ip],
      ])
  }, 60_000)

  test('stop parks the ports, start brings the same system back', async () => {
    const stopped = await stopInstance(rig.core.services, admin, 'web1')
    expect(await rig.ended(stopped.id)).toMatchObject({ state: 'succeeded' })
    expect(rig.lab.world.machine('r1-h1').power()).toBe('off')
    expect(portsOf('r1-h1').map((port) => port.untagged)).toEqual([10, 10])
    const started = await startInstance(rig.core.services, admin, 'web1')
    expect(await rig.ended(started.id)).toMatchObject({ state: 'succeeded' })
    expect(portsOf('r1-h1').map((port) => port.untagged)).toEqual([101, 101])
    expect(rig.lab.world.machine('r1-h1').power()).toBe('on')
  }, 60_000)

  test('detach, attach, reboot', async () => {
    const detached = await detachNetwork(rig.core.services, admin, 'web1', 'green')
    expect(await rig.ended(detached.id)).toMatchObject({ state: 'succeeded' })
    expect(portsOf('r1-h1').map((port) => port.tagged)).toEqual([[], []])
    const attached = await attachNetwork(rig.core.services, admin, 'web1', { network: 'green' })
    expect(await rig.ended(attached.id)).toMatchObject({ state: 'succeeded' })
    expect(portsOf('r1-h1').map((port) => port.tagged)).toEqual([[102], [102]])
    const rebooted = await rebootInstance(rig.core.services, admin, 'web1')
    expect(await rig.ended(rebooted.id)).toMatchObject({ state: 'succeeded' })
    expect(rig.lab.world.machine('r1-h1').power()).toBe('on')
  }, 60_000)

  test('destroy: every byte gone, the host free again', async () => {
    const machine = rig.lab.world.machine('r1-h1')
    await expect
      .poll(() => machine.disks[0]?.contains(Buffer.from('TENANT-DATA')), { timeout: 10_000 })
      .toBe(true)
    const { operation } = await destroyInstance(rig.core.services, admin, 'web1')
    expect(await rig.ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded' })
    expect(machine.disks.map((disk) => disk.isBlank())).toEqual([true, true])
    expect(portsOf('r1-h1').map((port) => [port.untagged, port.tagged])).toEqual([
      [10, []],
      [10, []],
    ])
    expect(await hostView(rig.core.services, 'r1-h1')).toMatchObject({
      state: 'available',
      dirty: false,
      instanceId: null,
    })
    await expect(findInstance(rig.core.services, 'web1')).rejects.toThrow('no instance web1')
  }, 60_000)
})
