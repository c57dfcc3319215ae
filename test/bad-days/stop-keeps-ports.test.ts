import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createNetwork } from '../../src/services/catalogue.ts'
import { destroyInstance, startInstance, stopInstance } from '../../src/services/instances.ts'
import { expectResting, parked, portsOf, tryDeploy } from '../support/bad-days.ts'
import { admin, furnish, type Rig, startRig } from '../support/rig.ts'

const HOST = 'r2-h1'

/** A site that leaves a stopped server's ports in its networks, where those have a VLAN for good. */
describe('stop.ports: keep-fixed', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig({ racks: ['r2'], timeScale: 1000, config: 'stop: { ports: keep-fixed }' })
    await furnish(rig)
    await createNetwork(rig.core.services, { name: 'office', kind: 'shared', vlan: 103 })
    rig.lab.routers.addNetwork({ vlan: 103, cidr: '10.103.0.0/24', name: 'office' })
    expect(await rig.enlist(HOST, { clean: true })).toMatchObject({ state: 'succeeded' })
  })
  afterAll(() => rig?.stop())

  const stop = async (name: string) => rig.ended((await stopInstance(rig.core.services, admin, name)).id)
  const power = () => rig.lab.world.machine(HOST).power()
  const destroy = async (name: string) => {
    const { operation } = await destroyInstance(rig.core.services, admin, name)
    if (operation) expect(await rig.ended(operation.id)).toMatchObject({ state: 'succeeded' })
  }

  test('all its networks have a VLAN for good: the ports stay, and a start finds them', async () => {
    expect(await tryDeploy(rig, 'web', { networks: ['office'] })).toMatchObject({ state: 'succeeded' })
    const running = portsOf(rig, HOST)
    expect(running[0]).toEqual({ untagged: 103, tagged: [] })
    expect(await stop('web')).toMatchObject({ state: 'succeeded', error: null })
    expect([power(), portsOf(rig, HOST)]).toEqual(['off', running])
    const { id } = await startInstance(rig.core.services, admin, 'web')
    expect(await rig.ended(id)).toMatchObject({ state: 'succeeded' })
    expect([power(), portsOf(rig, HOST)]).toEqual(['on', running])
  })

  test('destroyed while it is stopped, its ports leave the VLAN before anybody else is there', async () => {
    await stop('web')
    await destroy('web')
    expect(portsOf(rig, HOST)).toEqual(parked(rig, HOST))
    await expectResting(rig, HOST)
  })

  test('one network whose VLAN may go to another tenant: the ports are parked as ever', async () => {
    expect(await tryDeploy(rig, 'db', { networks: ['office', 'green'] })).toMatchObject({
      state: 'succeeded',
    })
    expect(await stop('db')).toMatchObject({ state: 'succeeded' })
    expect(portsOf(rig, HOST)).toEqual(parked(rig, HOST))
    await destroy('db')
    await expectResting(rig, HOST)
  })
})
