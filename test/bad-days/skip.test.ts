import { afterAll, beforeAll, expect, test } from 'vitest'
import { FerruleError } from '../../src/domain/errors.ts'
import { hostDrift } from '../../src/services/drift.ts'
import { rebootInstance, stopInstance } from '../../src/services/instances.ts'
import { cancelOperation, operationView, retryOperation, skipStep } from '../../src/services/operations.ts'
import { portsOf, tryDeploy } from '../support/bad-days.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'
import { waitUntil } from '../support/wait.ts'

/** What a person may skip, and what nobody may. */
let rig: Rig
beforeAll(async () => {
  rig = await startRig({ racks: ['r2'], timeScale: 600 })
  await furnish(rig)
  expect(await rig.enlist('r2-h1', { clean: true })).toMatchObject({ state: 'succeeded' })
  expect(await tryDeploy(rig, 'web')).toMatchObject({ state: 'succeeded' })
})
afterAll(() => rig?.stop())

const machine = () => rig.lab.world.machine('r2-h1')

/**
 * The lab's clock is fast: what is parked is at work again by turns, and nothing can be asked of it then. Tries until
 * it is refused with this code.
 */
async function refused(code: string, act: () => Promise<unknown>): Promise<string> {
  let words = ''
  await waitUntil(`it is refused as ${code}`, async () => {
    try {
      await act()
    } catch (error) {
      if (!(error instanceof FerruleError)) throw error
      if (error.code === code) words = error.message
    }
    return words !== ''
  })
  return words
}

async function ended(id: string) {
  await waitUntil('it has ended', async () => (await operationView(rig.core.services, id)).endedAt !== null)
  return operationView(rig.core.services, id)
}

test('a reboot whose BMC forgets the boot device: skipped by a person, the server runs in its own network', async () => {
  const { services } = rig.core
  machine().bootFlags = { valid: true, persistent: true, efi: true, device: 'network' }
  await rig.lab.faults.get('bmc/r2-h1')?.set({ lyingBootFlags: true })
  const { id } = await rebootInstance(services, admin, 'web')
  const stuck = await rig.ended(id)
  expect(stuck).toMatchObject({
    state: 'parked',
    parked: { step: 'boot-disk', skip: expect.stringContaining('Its ports carry only its own networks.') },
  })
  expect(machine().power()).toBe('off')
  expect(await refused('wrong-state', () => cancelOperation(services, admin, id))).toContain(
    'behind its point of no return',
  )
  expect(
    await refused('wrong-state', () => skipStep(services, admin, id, 'power-on', 'I am in a hurry')),
  ).toContain('is not parked at power-on')
  await waitUntil('the skip is taken', () =>
    skipStep(services, admin, id, 'boot-disk', 'its firmware boots from disk').then(
      () => true,
      () => false,
    ),
  )
  expect(await ended(id)).toMatchObject({ state: 'succeeded' })
  expect(machine().power()).toBe('on')
  expect(portsOf(rig, 'r2-h1')).toEqual([
    { untagged: 101, tagged: [] },
    { untagged: 101, tagged: [] },
  ])
  const { rows } = await services.tools.db.query<{ message: string }>(
    "select message from event where kind = 'operation.skip' and operation_id = $1",
    [id],
  )
  expect(rows.at(0)?.message).toBe('test skipped boot-disk: its firmware boots from disk')
  const { differences } = await hostDrift(services, 'r2-h1')
  expect(differences).toContainEqual(expect.objectContaining({ about: 'boot-device' }))
})

test('a step that protects a tenant is skipped by nobody', async () => {
  const { services } = rig.core
  await rig.lab.faults.get('switch/r2-tor1')?.set({ down: true })
  const { id } = await stopInstance(services, admin, 'web')
  expect(await rig.ended(id)).toMatchObject({ state: 'parked', parked: { step: 'park-ports', skip: null } })
  expect(
    await refused('forbidden', () => skipStep(services, admin, id, 'park-ports', 'I am in a hurry')),
  ).toContain('park-ports of a stop must not be skipped: it protects a tenant')
  expect(portsOf(rig, 'r2-h1')[0]).toEqual({ untagged: 101, tagged: [] })
  await rig.lab.faults.get('switch/r2-tor1')?.reset()
  await waitUntil('a retry is taken', () =>
    retryOperation(services, admin, id).then(
      () => true,
      () => false,
    ),
  )
  expect(await ended(id)).toMatchObject({ state: 'succeeded' })
})
