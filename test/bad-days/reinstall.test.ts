import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { registerTemplate, removeTemplate } from '../../src/services/catalogue.ts'
import { deployInstance } from '../../src/services/deploy.ts'
import { hostCertificates, hostView } from '../../src/services/hosts.ts'
import { destroyInstance, findInstance, startInstance, stopInstance } from '../../src/services/instances.ts'
import type { OperationView } from '../../src/services/operations.ts'
import { planReinstall } from '../../src/services/plan-reinstall.ts'
import { type ReinstallRequest, reinstallInstance } from '../../src/services/reinstall.ts'
import { why } from '../../src/services/why.ts'
import {
  allQuiet,
  expectOneError,
  expectResting,
  parked,
  portsOf,
  powerSwitches,
} from '../support/bad-days.ts'
import { hostFaults } from '../support/invariants.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

/** A server that gets a new system on its old host, asserted on the lab's world: disk bytes, leases, ports, power. */
describe('reinstall', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig({ racks: ['r1'] })
    await furnish(rig)
    await registerTemplate(rig.core.services, { name: 'noble', url: 'ubuntu/noble' })
    expect(await rig.enlist('r1-h1', { clean: true })).toMatchObject({ state: 'succeeded' })
    const { operation } = await deployInstance(services(), admin, {
      name: 'web1',
      template: 'jammy',
      offering: 'large',
      nics: [
        { network: 'blue', mac: rig.lab.routers.reserve(101, {}).mac },
        { network: 'green', mac: rig.lab.routers.reserve(102, {}).mac },
      ],
    })
    expect(await rig.ended(operation.id)).toMatchObject({ state: 'succeeded' })
  }, 60_000)
  afterAll(() => rig?.stop())
  afterEach(async () => {
    for (const target of rig.lab.faults.values()) await target.reset()
  })

  const services = () => rig.core.services
  const machine = () => rig.lab.world.machine('r1-h1')
  const dial = (target: string, dials: Record<string, unknown>) => rig.lab.faults.get(target)?.set(dials)
  const faults = () => hostFaults({ lab: rig.lab, db: services().tools.db }, 'r1-h1')
  const templateOf = async (name: string) => (await findInstance(services(), name)).templateId
  const addresses = () =>
    machine()
      .interfaces()
      .map((one) => [one.mac, one.vlan, one.lease !== null])

  async function reinstall(request: ReinstallRequest = {}): Promise<OperationView> {
    const operation = await reinstallInstance(services(), admin, 'web1', request)
    return rig.ended(operation.id)
  }

  async function runsOnItsNetworks(image: string): Promise<void> {
    const { nics } = await findInstance(services(), 'web1')
    await expect.poll(addresses, { timeout: 10_000 }).toEqual(nics.map((nic) => [nic.mac, nic.vlan, true]))
    expect(machine().running()).toMatchObject({ kind: 'system', image })
    expect(await faults()).toEqual([])
  }

  test('plan: the lines down to the PXE VLAN and up again, the erase and the installation', async () => {
    const before = await faults()
    const plan = await planReinstall(services(), 'web1', { template: 'noble', erase: 'full' })
    expect(plan).toMatchObject({ action: 'reinstall', refusals: [], host: 'r1-h1', erase: 'full' })
    expect(plan.ports.map((port) => [port.nic, port.before, port.after])).toEqual([
      ['eno1', 'trunk untagged 101 tagged 102', 'access untagged 10'],
      ['eno2', 'trunk untagged 101 tagged 102', 'access untagged 10'],
      ['eno1', 'access untagged 10', 'trunk untagged 101 tagged 102'],
      ['eno2', 'access untagged 10', 'trunk untagged 101 tagged 102'],
    ])
    for (const { lines } of plan.ports) expect(lines.length).toBeGreaterThan(2)
    expect(plan.maas.join()).toMatch(/op=release erase=true .*op=deploy distro_series=ubuntu\/noble/)
    expect(await faults()).toEqual(before)
  })

  test('a refusal costs nothing: the old system runs on, without a power event', async () => {
    await dial('maas', { imageMissing: ['ubuntu/noble'] })
    const power = powerSwitches(rig, 'r1-h1').length
    expectOneError(await reinstall({ template: 'noble' }), 'image-missing', /no image "ubuntu\/noble"/)
    expect(await findInstance(services(), 'web1')).toMatchObject({ state: 'running', error: null })
    expect(powerSwitches(rig, 'r1-h1').length).toBe(power)
    await runsOnItsNetworks('ubuntu/jammy')
  })

  test('running: erased and proven, another system on the same host and networks, running again', async () => {
    const secret = Buffer.from('what only the old system knew')
    const disks = machine().disks
    for (const disk of disks) disk.write(disk.size / 2, secret)
    const before = await templateOf('web1')
    expect(await reinstall({ template: 'noble', erase: 'full' })).toMatchObject({
      state: 'succeeded',
      kind: 'reinstall',
      error: null,
    })
    expect(disks.map((disk) => disk.contains(secret))).toEqual([false, false])
    await runsOnItsNetworks('ubuntu/noble')
    expect(await templateOf('web1')).not.toBe(before)
    const { id } = await findInstance(services(), 'web1')
    const [certificate] = await hostCertificates(services(), 'r1-h1')
    expect(certificate).toMatchObject({ proven: true, instanceId: id, body: { method: 'full' } })
    expect(await hostView(services(), 'r1-h1')).toMatchObject({
      state: 'in-use',
      dirty: true,
      instanceId: id,
    })
  }, 60_000)

  test('stopped: a new system, and still stopped; start brings it into its networks', async () => {
    await rig.ended((await stopInstance(services(), admin, 'web1')).id)
    expect(await reinstall({ template: 'jammy', erase: 'quick' })).toMatchObject({ state: 'succeeded' })
    expect(await findInstance(services(), 'web1')).toMatchObject({ state: 'stopped' })
    expect(machine().power()).toBe('off')
    expect(portsOf(rig, 'r1-h1')).toEqual(parked(rig, 'r1-h1'))
    expect(await faults()).toEqual([])
    await rig.ended((await startInstance(services(), admin, 'web1')).id)
    await runsOnItsNetworks('ubuntu/jammy')
  }, 60_000)

  test('an installation that fails: failed with its reason and its host, which rests; nothing else is lost', async () => {
    const before = await templateOf('web1')
    await dial('maas', { deployFails: ['r1-h1'] })
    const failed = await reinstall({ template: 'noble', erase: 'quick' })
    expectOneError(failed, 'maas-state', /Failed deployment/)
    expect(failed.state).toBe('undone')
    expect(await templateOf('web1')).toBe(before)
    const { error } = await findInstance(services(), 'web1')
    expect(error?.remedy).toContain('"ferrule instance reinstall web1", or destroy it')
    expect(await why(services(), 'instance', 'web1')).toMatchObject({
      well: false,
      blocks: expect.stringContaining('Failed deployment'),
      action: error?.remedy,
    })
    expect(await hostView(services(), 'r1-h1')).toMatchObject({
      state: 'in-use',
      dirty: true,
      operationId: null,
    })
    expect(portsOf(rig, 'r1-h1')).toEqual(parked(rig, 'r1-h1'))
    expect(await faults()).toEqual([])
    await expect(
      deployInstance(services(), admin, {
        name: 'web1',
        template: 'jammy',
        offering: 'large',
        nics: [{ network: 'blue' }],
      }),
    ).rejects.toThrow('failed, and keeps its host')
  }, 60_000)

  test('and the same call works once the cause is gone', async () => {
    expect(await reinstall({ erase: 'quick' })).toMatchObject({ state: 'succeeded' })
    expect(await findInstance(services(), 'web1')).toMatchObject({ state: 'stopped', error: null })
    await rig.ended((await startInstance(services(), admin, 'web1')).id)
    await runsOnItsNetworks('ubuntu/jammy')
  }, 60_000)

  test('a template that is being installed cannot be removed; one host, one operation', async () => {
    const operation = await reinstallInstance(services(), admin, 'web1', {
      template: 'noble',
      erase: 'quick',
    })
    await expect(removeTemplate(services(), 'noble')).rejects.toThrow('used by web1')
    await expect(stopInstance(services(), admin, 'web1')).rejects.toThrow('is deploying')
    await expect(reinstallInstance(services(), admin, 'web1')).rejects.toThrow('is deploying')
    expect(await rig.ended(operation.id)).toMatchObject({ state: 'succeeded' })
    await runsOnItsNetworks('ubuntu/noble')
  }, 60_000)

  test('destroy after a reinstall that failed: erased, and the host is free', async () => {
    await dial('machine/r1-h1', { installFails: true })
    expect(await reinstall({ erase: 'quick' })).toMatchObject({ state: 'undone' })
    expect(await faults()).toEqual([])
    await dial('machine/r1-h1', { installFails: false })
    const { operation } = await destroyInstance(services(), admin, 'web1')
    expect(await rig.ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded' })
    await allQuiet(rig)
    await expectResting(rig, 'r1-h1')
    await expect(reinstallInstance(services(), admin, 'web1')).rejects.toThrow('no instance web1')
  }, 60_000)
})
