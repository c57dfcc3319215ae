import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createOffering } from '../../src/services/catalogue.ts'
import { destroyInstance } from '../../src/services/instances.ts'
import { planDestroy } from '../../src/services/plan.ts'
import { planDeploy } from '../../src/services/plan-deploy.ts'
import { planReinstall } from '../../src/services/plan-reinstall.ts'
import { reinstallInstance } from '../../src/services/reinstall.ts'
import { expectOneError, expectResting, somebodyElse, tryDeploy } from '../support/bad-days.ts'
import { allFaults, secretsOf } from '../support/invariants.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

/** How an offering's disk layout comes into MAAS, stays over reinstalls, and is gone for the next tenant. */
describe('an offering with a disk layout', () => {
  let rig: Rig
  let systemId = ''
  let small = ''

  beforeAll(async () => {
    rig = await startRig({ racks: ['r1'], timeScale: 1000, config: 'erase: { policy: quick }' })
    await furnish(rig)
    const of = (name: string) => rig.lab.maasStatus(rig.lab.world.machine(name))?.systemId ?? ''
    for (const name of ['r1-h1', 'r1-h2'])
      expect(await rig.enlist(name, { clean: true })).toMatchObject({ state: 'succeeded' })
    systemId = of('r1-h1')
    small = of('r1-h2')
  })
  afterAll(() => rig?.stop())
  afterEach(() => vi.restoreAllMocks())

  const services = () => rig.core.services
  const maas = () => services().tools.maas
  const layout = async (id = systemId) => (await maas().machine(id)).diskLayout
  const calls = () => ({
    set: vi.spyOn(maas(), 'setDiskLayout'),
    restored: vi.spyOn(maas(), 'restoreDiskLayout'),
  })
  const given = async () =>
    (await services().tools.db.query<{ layout: string }>('select layout from given_disk_layout')).rows

  /** Of the size of r1-h1, or of r1-h2, and of no other host. */
  async function offering(name: string, diskLayout?: string, machine = 'r1-h1'): Promise<string> {
    const { cpuCount, memoryMiB } = rig.lab.world.machine(machine)
    await createOffering(services(), { name, cpuCount, memoryMib: memoryMiB, diskLayout })
    return name
  }

  const request = (name: string, offeringName: string) => ({
    ...{ name, template: 'jammy', offering: offeringName, nics: [{ network: 'blue' }] },
  })
  const destroyed = async (name: string) => {
    const { operation } = await destroyInstance(services(), admin, name)
    expect((await rig.ended(operation?.id ?? '')).state).toBe('succeeded')
  }

  test('none named: MAAS is asked for nothing, and the plan says nothing', async () => {
    await offering('plain')
    const { set, restored } = calls()
    expect((await planDeploy(services(), request('p', 'plain'))).maas.join(' ')).not.toMatch(/storage/)
    expect((await tryDeploy(rig, 'p', { offering: 'plain' })).state).toBe('succeeded')
    await destroyed('p')
    expect(set).not.toHaveBeenCalled()
    expect(restored).not.toHaveBeenCalled()
    expect(await given()).toEqual([])
  })

  test('it is set before the machine is allocated, kept by a reinstall, and taken back by the destroy', async () => {
    await offering('volumes', 'lvm,root_size=200G')
    const host = (await planDeploy(services(), request('v', 'volumes'))).host
    expect(host).toBe('r1-h1')
    const line = `POST machines/${systemId}/?op=set_storage_layout storage_layout=lvm root_size=200000000000`
    expect((await planDeploy(services(), request('v', 'volumes'))).maas.slice(0, 2)).toEqual([
      line,
      `POST machines/?op=allocate system_id=${systemId}`,
    ])
    expect((await tryDeploy(rig, 'v', { offering: 'volumes' })).state).toBe('succeeded')
    const wanted = { name: 'lvm', disk: 'sda', rootSize: 200e9 - (200e9 % (4 * 2 ** 20)) }
    expect(await layout()).toMatchObject(wanted)

    const { set, restored } = calls()
    expect((await planReinstall(services(), 'v', {})).maas.join(' ')).not.toMatch(/storage/)
    const again = await reinstallInstance(services(), admin, 'v')
    expect((await rig.ended(again.id)).state).toBe('succeeded')
    expect(set).not.toHaveBeenCalled()
    expect(await layout()).toMatchObject(wanted)

    expect((await planDestroy(services(), 'v', null)).maas.at(-1)).toBe(
      `POST machines/${systemId}/?op=restore_storage_configuration`,
    )
    await destroyed('v')
    expect(restored).toHaveBeenCalledTimes(1)
    expect(await layout()).toMatchObject({ name: 'flat', disk: 'sda' })
    expect(await given()).toEqual([])
    await expectResting(rig, 'r1-h1')
  })

  test('commissioned again by hand after a reinstall that failed: the next one sets it again, after its erase', async () => {
    expect((await tryDeploy(rig, 'w', { offering: 'volumes' })).state).toBe('succeeded')
    await rig.lab.faults.get('maas')?.set({ deployFails: ['*'] })
    const failed = await reinstallInstance(services(), admin, 'w')
    expect(await rig.ended(failed.id)).toMatchObject({ state: 'undone' })
    await rig.lab.faults.get('maas')?.reset()
    expect(await layout()).toMatchObject({ name: 'lvm' })
    // MAAS keeps it for the instance; a person in MAAS does not
    const hand = somebodyElse(systemId)
    await maas().release(hand, systemId, { comment: 'by hand' })
    await expect.poll(async () => (await maas().machine(systemId)).status, { timeout: 30_000 }).toBe('Ready')
    await maas().restoreDiskLayout(hand, systemId)
    expect(await layout()).toMatchObject({ name: 'flat' })

    const plan = (await planReinstall(services(), 'w', {})).maas.join('\n')
    expect(plan).toMatch(/op=allocate .*\n.*\n.*op=release\n.*op=set_storage_layout .*\n.*op=allocate/)
    const { set } = calls()
    const again = await reinstallInstance(services(), admin, 'w')
    expect(await rig.ended(again.id)).toMatchObject({ state: 'succeeded', error: null })
    expect(set).toHaveBeenCalledTimes(1)
    expect(await layout()).toMatchObject({ name: 'lvm' })
    await destroyed('w')
    await expectResting(rig, 'r1-h1')
  })

  test('bcache lies on both disks, and both are proven erased', async () => {
    await offering('cached', 'bcache')
    expect((await tryDeploy(rig, 'b', { offering: 'cached' })).state).toBe('succeeded')
    expect(await layout()).toMatchObject({ name: 'bcache', disk: 'sda' })
    const second = rig.lab.world.machine('r1-h1').disks[1]
    expect(second?.read(512, 8).toString('latin1')).toBe('EFI PART')
    await destroyed('b')
    expect(second?.read(512, 8)).toEqual(Buffer.alloc(8))
    await expectResting(rig, 'r1-h1')
  })

  test('a layout that no host can have is refused with the reason of each', async () => {
    await offering('impossible', 'bcache', 'r1-h2')
    expectOneError(
      await tryDeploy(rig, 'x', { offering: 'impossible' }),
      'no-host',
      /r1-h2: disk layout bcache needs two disks or more, and it has one/,
    )
    expect(await layout(small)).toMatchObject({ name: 'flat' })
    await expect(offering('unknown', 'zfs')).rejects.toThrow(/disk layout "zfs" is unknown/)
    await expect(offering('empty', 'blank')).rejects.toThrow(/without a root file system/)
  })

  test('what MAAS refuses is one clear error, and nothing is left', async () => {
    await offering('refused', 'lvm,root_size=300G', 'r1-h2')
    const original = maas().setDiskLayout
    vi.spyOn(maas(), 'setDiskLayout').mockImplementation((lease, id, wanted) =>
      // a disk that was replaced by a smaller one, which MAAS knows and we do not yet
      original(lease, id, { ...wanted, rootSize: 900e9 }),
    )
    expectOneError(
      await tryDeploy(rig, 'y', { offering: 'refused' }),
      'maas-refused',
      /lay out the disks of machine .* as lvm: 400 .*Size is too large/,
    )
    vi.restoreAllMocks()
    expect(await layout(small)).toMatchObject({ name: 'flat' })
    expect(await given()).toEqual([])
    await expectResting(rig, 'r1-h2')
  })

  test('what MAAS says and does not do is found before anything is installed', async () => {
    vi.spyOn(maas(), 'setDiskLayout').mockImplementation((_lease, id) => maas().machine(id))
    expectOneError(
      await tryDeploy(rig, 'z', { offering: 'refused' }),
      'maas-state',
      /r1-h2 is to have disk layout lvm,root_size=300G, but MAAS has it as flat/,
    )
    vi.restoreAllMocks()
    expect(rig.lab.world.machine('r1-h2').installedFiles()).toBeNull()
    await expectResting(rig, 'r1-h2')
  })

  test('nothing is wrong with the world', async () => {
    expect(await allFaults({ lab: rig.lab, db: services().tools.db }, secretsOf(rig.lab))).toEqual([])
  })
})
