import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createNetwork } from '../../src/services/catalogue.ts'
import { hostDrift } from '../../src/services/drift.ts'
import { destroyInstance, startInstance, stopInstance } from '../../src/services/instances.ts'
import type { Operation } from '../../src/store/operations.ts'
import { allQuiet, expectResting, parked, portsOf, tryDeploy } from '../support/bad-days.ts'
import { CloudVm, startDoor } from '../support/door.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

/** A site that keeps the ports of a stopped server where they are, if its networks keep their VLANs too. */
describe('stop.ports: keep-fixed', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig({
      racks: ['r1'],
      timeScale: 1000,
      config: 'erase: { policy: quick }\nstop: { ports: keep-fixed }',
    })
    await furnish(rig)
    await createNetwork(services(), { name: 'lan', kind: 'shared', vlan: 103 })
    rig.lab.routers.addNetwork({ vlan: 103, cidr: '10.103.0.0/24', name: 'lan' })
    expect(await rig.enlist('r1-h1', { clean: true })).toMatchObject({ state: 'succeeded' })
  })
  afterAll(() => rig?.stop())

  const services = () => rig.core.services
  const power = () => rig.lab.world.machine('r1-h1').power()
  const done = async (operation: Operation | null) =>
    expect(await rig.ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded', error: null })

  async function stopped(network: string): Promise<void> {
    expect(await tryDeploy(rig, network, { networks: [network] })).toMatchObject({ state: 'succeeded' })
    await done(await stopInstance(services(), admin, network))
    expect(power()).toBe('off')
  }

  async function destroyed(name: string): Promise<void> {
    await done((await destroyInstance(services(), admin, name)).operation)
    await expectResting(rig, 'r1-h1')
  }

  test('a shared network: off, and still in its VLAN, which is no drift; started, it runs there', async () => {
    await stopped('lan')
    const there = portsOf(rig, 'r1-h1')
    expect(there).toEqual(there.map(() => ({ untagged: 103, tagged: [] })))
    expect((await hostDrift(services(), 'r1-h1')).differences).toEqual([])
    await done(await startInstance(services(), admin, 'lan'))
    expect([power(), portsOf(rig, 'r1-h1')]).toEqual(['on', there])
    // destroyed while it is stopped, its ports leave the VLAN before anybody else is there
    await done(await stopInstance(services(), admin, 'lan'))
    expect(portsOf(rig, 'r1-h1')).toEqual(there)
    await destroyed('lan')
  })

  test('one network of two whose VLAN may go to another tenant: parked all the same', async () => {
    expect(await tryDeploy(rig, 'both', { networks: ['lan', 'green'] })).toMatchObject({ state: 'succeeded' })
    await done(await stopInstance(services(), admin, 'both'))
    expect(portsOf(rig, 'r1-h1')).toEqual(parked(rig, 'r1-h1'))
    await destroyed('both')
  })

  test('an isolated network, whose VLAN may be another tenant’s in a minute: parked all the same', async () => {
    await stopped('blue')
    expect(portsOf(rig, 'r1-h1')).toEqual(parked(rig, 'r1-h1'))
    await destroyed('blue')
  })

  test('a VM of CloudStack says for itself what its stops do; what is no word of ours is refused before it runs', async () => {
    const door = await startDoor(rig)
    const { mac } = rig.lab.routers.reserve(103, {})
    const vm = new CloudVm(door, 'i-2-3-VM', [{ mac, vlan: 103, network: 'cloud-lan' }])
    // as a person says of a network of CloudStack's whose VLAN is fixed
    const id = '10000000-0000-4000-8000-cloud-lan000'
    await createNetwork(services(), { id, name: 'cloud-lan', kind: 'shared', vlan: null })
    vm.template = { offering: 'large', stop_ports: 'stay' }
    expect(await vm.exit('prepare')).toMatch(/^1 .*"stay".*Use park or keep-fixed/)
    vm.template = { offering: 'large', stop_ports: 'park' }
    expect([await vm.exit('prepare'), await vm.exit('create')]).toEqual(['0', '0'])
    expect(await vm.exit('stop')).toBe('0')
    expect(portsOf(rig, 'r1-h1')).toEqual(parked(rig, 'r1-h1'))
    expect(await vm.exit('start')).toBe('0')
    vm.template = { offering: 'large', stop_ports: 'keep-fixed' }
    expect(await vm.exit('stop')).toBe('0')
    expect(portsOf(rig, 'r1-h1').map(({ untagged }) => untagged)).toEqual([103, 103])
    expect(power()).toBe('off')
    expect(await vm.exit('delete')).toBe('0')
    await allQuiet(rig)
    await expectResting(rig, 'r1-h1')
    await door.close()
  })
})
