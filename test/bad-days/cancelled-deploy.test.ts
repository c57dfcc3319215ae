import { afterAll, beforeAll, expect, test } from 'vitest'
import { deployInstance } from '../../src/services/deploy.ts'
import { hostView } from '../../src/services/hosts.ts'
import { cancelOperation } from '../../src/services/operations.ts'
import { expectResting, powerSwitches, tryDeploy } from '../support/bad-days.ts'
import { Gate } from '../support/gate.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

/** A deploy that is cancelled before anything has booted leaves the host as clean as it was, whatever MAAS tells of it. */
const gate = new Gate()
let rig: Rig
beforeAll(async () => {
  rig = await startRig({ racks: ['r2'], timeScale: 1000, interference: gate })
  await furnish(rig)
  expect(await rig.enlist('r2-h1', { clean: true })).toMatchObject({ state: 'succeeded' })
})
afterAll(() => rig?.stop())

const maasTold = async () => {
  const { tools } = rig.core.services
  const [machine] = (await tools.maas.machines({})).filter(({ hostname }) => hostname === 'r2-h1')
  return (await tools.maas.events(machine?.systemId ?? '', { limit: 50 })).map(({ type }) => type)
}

test('MAAS takes it for switched on and tells a release: no use past us, and the next one gets the host', async () => {
  const { services } = rig.core
  const held = gate.hold('deploy', 'nic-plan')
  const { operation } = await deployInstance(services, admin, {
    name: 'web',
    template: 'jammy',
    offering: 'large',
    nics: [{ network: 'blue' }],
  })
  await held.reached
  const switched = powerSwitches(rig, 'r2-h1')
  await rig.lab.faults.get('maas')?.set({ powerCacheStale: ['r2-h1'] })
  await cancelOperation(services, admin, operation.id)
  held.release()
  expect(await rig.ended(operation.id)).toMatchObject({ state: 'cancelled' })
  expect(await maasTold()).toContain('Releasing')
  expect(powerSwitches(rig, 'r2-h1')).toEqual(switched)
  await rig.lab.faults.get('maas')?.reset()

  await expectResting(rig, 'r2-h1')
  expect(await hostView(services, 'r2-h1')).toMatchObject({ state: 'available', dirty: false })
  expect(await tryDeploy(rig, 'next')).toMatchObject({ state: 'succeeded', error: null })
})
