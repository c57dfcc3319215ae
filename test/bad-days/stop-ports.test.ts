import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createNetwork } from '../../src/services/catalogue.ts'
import { hostDrift } from '../../src/services/drift.ts'
import { destroyInstance, startInstance, stopInstance } from '../../src/services/instances.ts'
import type { Operation } from '../../src/store/operations.ts'
import { expectResting, parked, portsOf, tryDeploy } from '../support/bad-days.ts'
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
    await destroyed('lan')
  })

  test('an isolated network, whose VLAN may be another tenant’s in a minute: parked all the same', async () => {
    await stopped('blue')
    expect(portsOf(rig, 'r1-h1')).toEqual(parked(rig, 'r1-h1'))
    await destroyed('blue')
  })
})
