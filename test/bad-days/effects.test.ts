import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { removeTemplate } from '../../src/services/catalogue.ts'
import { eraseHost, hostView, removeHost } from '../../src/services/hosts.ts'
import {
  destroyInstance,
  findInstance,
  rebootInstance,
  startInstance,
  stopInstance,
} from '../../src/services/instances.ts'
import { why } from '../../src/services/why.ts'
import {
  allQuiet,
  deployPastUs,
  expectOneError,
  expectResting,
  portsOf,
  powerSwitches,
  somebodyElse,
  tryDeploy,
} from '../support/bad-days.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

/** What goes wrong after the first effect: undone in reverse, erased where bytes were written, free again afterwards. */
describe('a deployment that fails half-way', () => {
  let rig: Rig
  beforeAll(async () => {
    // a deadline shorter than MAAS's own, so that it is ours that ends a deployment which never finishes
    rig = await startRig({ racks: ['r2'], timeScale: 600, config: 'deadlines: { deploy: 20m }' })
    await furnish(rig)
    expect(await rig.enlist('r2-h1', { clean: true })).toMatchObject({ state: 'succeeded' })
  })
  afterAll(() => rig?.stop())
  afterEach(async () => {
    for (const target of rig.lab.faults.values()) await target.reset()
    await allQuiet(rig)
    await expectResting(rig, 'r2-h1')
  })
  const dial = (target: string, dials: Record<string, unknown>) => rig.lab.faults.get(target)?.set(dials)

  async function destroyed(name: string): Promise<void> {
    const { operation } = await destroyInstance(rig.core.services, admin, name)
    expect(await rig.ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded' })
  }
  async function failedWith(message: RegExp): Promise<void> {
    const instance = await findInstance(rig.core.services, 'web')
    expect(instance).toMatchObject({ state: 'failed' })
    expect(instance.error?.message).toMatch(message)
    expect(await why(rig.core.services, 'instance', 'web')).toMatchObject({
      well: false,
      blocks: expect.stringMatching(message),
      action: expect.stringMatching(/\w/),
    })
  }

  let usual: string[] = []
  test('what a good deployment switches: the measure for all that follows', async () => {
    const from = powerSwitches(rig, 'r2-h1').length
    expect(await tryDeploy(rig, 'web')).toMatchObject({ state: 'succeeded' })
    usual = powerSwitches(rig, 'r2-h1').slice(from)
    await expect(removeTemplate(rig.core.services, 'jammy')).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringMatching(/template jammy is used by web/),
    })
    await expect(removeHost(rig.core.services, admin, 'r2-h1')).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringMatching(/r2-h1 carries an instance/),
    })
    await destroyed('web')
  })

  test('a lost power reply never becomes a second power cycle', async () => {
    const { services } = rig.core
    const seen = async (act: () => Promise<{ id: string }>, expected: string[]) => {
      const from = powerSwitches(rig, 'r2-h1').length
      await dial('bmc/r2-h1', { dropPowerReplies: 1 })
      expect(await rig.ended((await act()).id)).toMatchObject({ state: 'succeeded' })
      expect(powerSwitches(rig, 'r2-h1').slice(from)).toEqual(expected)
      expect(rig.lab.faults.get('bmc/r2-h1')?.get().dropPowerReplies).toBe(0)
    }
    const from = powerSwitches(rig, 'r2-h1').length
    await dial('bmc/r2-h1', { dropPowerReplies: 1 })
    expect(await tryDeploy(rig, 'web')).toMatchObject({ state: 'succeeded' })
    expect(powerSwitches(rig, 'r2-h1').slice(from)).toEqual(usual)
    await seen(() => stopInstance(services, admin, 'web'), [expect.stringMatching(/off/)])
    await seen(() => startInstance(services, admin, 'web'), ['on'])
    await seen(() => rebootInstance(services, admin, 'web'), [expect.stringMatching(/off/), 'on'])
    await destroyed('web')
  })

  test('MAAS used past us: refused until somebody has looked and the disks are erased', async () => {
    const { services } = rig.core
    const systemId = await deployPastUs(rig, 'r2-h1')
    expectOneError(await tryDeploy(rig, 'web'), 'maas-state', /r2-h1 is Deployed in MAAS, not Ready/, /erase/)
    expect(rig.lab.world.machine('r2-h1').power()).toBe('on')
    expect(await why(services, 'host', 'r2-h1')).toMatchObject({
      well: false,
      blocks: expect.stringMatching(/Deployed in MAAS/),
    })
    await services.tools.maas.release(somebodyElse(systemId), systemId, { comment: '' })
    await expect
      .poll(() => rig.lab.maasStatus(rig.lab.world.machine('r2-h1'))?.status, { timeout: 10_000 })
      .toBe('Ready')
    expectOneError(await tryDeploy(rig, 'web'), 'no-host', /r2-h1: needs attention: .*Deployed in MAAS/)
    const erased = await eraseHost(services, admin, 'r2-h1', null)
    expect(await rig.ended(erased.id)).toMatchObject({ state: 'succeeded' })
    expect(rig.lab.world.machine('r2-h1').disks.map((disk) => disk.isBlank())).toEqual([true, true])
  })

  test('commissioned past us: something ran on it without us, so it is erased before it is used', async () => {
    const { maas } = rig.core.services.tools
    const { systemId } = await hostView(rig.core.services, 'r2-h1')
    await maas.commission(somebodyElse(systemId ?? ''), systemId ?? '')
    await expect
      .poll(() => rig.lab.maasStatus(rig.lab.world.machine('r2-h1'))?.status, { timeout: 20_000 })
      .toBe('Ready')
    expectOneError(await tryDeploy(rig, 'web'), 'erase-unproven', /r2-h1 are not proven erased.*without us/)
    await allQuiet(rig)
  })

  test('MAAS says Failed deployment: erased, and the host is free again', async () => {
    await dial('maas', { deployFails: ['*'] })
    expectOneError(await tryDeploy(rig, 'web'), 'maas-state', /Failed deployment for r2-h1/)
    await failedWith(/Failed deployment/)
  })

  test('the installation never finishes: ended by our deadline, erased', async () => {
    await dial('maas', { deployHangs: ['*'] })
    expectOneError(await tryDeploy(rig, 'web'), 'deadline', /deployment of r2-h1: MAAS still says Deploying/)
    await failedWith(/still says Deploying/)
  })

  test('a wipe that lies: quarantine, Broken, never chosen, until the disk is changed', async () => {
    expect(await tryDeploy(rig, 'web')).toMatchObject({ state: 'succeeded' })
    const machine = rig.lab.world.machine('r2-h1')
    const [disk] = machine.disks
    if (!disk) throw new Error('the lab gives every machine a disk')
    disk.readOnly = true
    const { operation } = await destroyInstance(rig.core.services, admin, 'web')
    expect(await rig.ended(operation?.id ?? '')).toMatchObject({
      state: 'parked',
      parked: { error: { code: 'erase-unproven', message: expect.stringContaining(disk.name) } },
    })
    expect(rig.lab.maasStatus(machine)?.status).toBe('Broken')
    expect(portsOf(rig, 'r2-h1').map((port) => port.untagged)).toEqual([999, 999])
    expect(machine.power()).toBe('off')
    expect(await hostView(rig.core.services, 'r2-h1')).toMatchObject({
      dirty: true,
      attention: { code: 'erase-unproven' },
    })
    expectOneError(await tryDeploy(rig, 'other'), 'no-host', /r2-h1: /)
    const said = await why(rig.core.services, 'host', 'r2-h1')
    expect(said).toMatchObject({ well: false, nextRetry: expect.stringMatching(/^\d{4}-/) })
    expect(said.blocks).toContain(disk.name)
    expect(said.action).toMatch(/retry/)
    disk.readOnly = false
    await rig.core.services.tools.starter.wake(operation?.id ?? '', {})
    await allQuiet(rig)
    expect(disk.isBlank()).toBe(true)
    expect(await tryDeploy(rig, 'other')).toMatchObject({ state: 'succeeded' })
    await destroyed('other')
  })
})
