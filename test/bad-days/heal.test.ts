import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { SwitchConfig } from '../../lab/switch/config.ts'
import { FerruleError } from '../../src/domain/errors.ts'
import { deployInstance } from '../../src/services/deploy.ts'
import { hostDrift } from '../../src/services/drift.ts'
import { healHost } from '../../src/services/heal.ts'
import { hostView } from '../../src/services/hosts.ts'
import { destroyInstance, findInstance, startInstance, stopInstance } from '../../src/services/instances.ts'
import type { OperationView } from '../../src/services/operations.ts'
import { planHeal } from '../../src/services/plan-heal.ts'
import { listEvents } from '../../src/store/events.ts'
import { expectOneError, expectResting, parked, portsOf, powerSwitches } from '../support/bad-days.ts'
import { force10At } from '../support/force10-tor.ts'
import { hostFaults } from '../support/invariants.ts'
import type { Rig } from '../support/rig.ts'
import { admin, furnish, startRig } from '../support/rig.ts'

/** Somebody changes a switch, a BMC or the power past us: what drift says, what plan says, and what heal does in the world. */
describe('drift and heal', () => {
  let rig: Rig
  /** As if the BMC took the order to switch off, and nothing followed. */
  let stuck = false
  beforeAll(async () => {
    const interference = {
      around: (point: { ref: string; name: string }, body: () => Promise<unknown>) => {
        if (stuck && point.ref === 'heal@1' && point.name === 'power-off')
          throw new FerruleError('power-stuck', 'it stays on', 'Reset its BMC.')
        return body()
      },
    }
    rig = await startRig({ racks: ['r1'], interference })
    await furnish(rig)
    expect(await rig.enlist('r1-h1', { clean: true })).toMatchObject({ state: 'succeeded' })
    const { operation } = await deployInstance(services(), admin, {
      name: 'web1',
      template: 'jammy',
      offering: 'large',
      nics: [{ network: 'blue' }, { network: 'green' }],
    })
    expect(await rig.ended(operation.id)).toMatchObject({ state: 'succeeded' })
  })
  afterAll(() => rig?.stop())
  afterEach(async () => {
    for (const target of rig.lab.faults.values()) await target.reset()
  })

  const services = () => rig.core.services
  const machine = () => rig.lab.world.machine('r1-h1')
  const dial = (target: string, dials: Record<string, unknown>) => rig.lab.faults.get(target)?.set(dials)
  const faults = () => hostFaults({ lab: rig.lab, db: services().tools.db }, 'r1-h1')
  const switched = () => powerSwitches(rig, 'r1-h1').length
  const tenant = [
    { untagged: 101, tagged: [102] },
    { untagged: 101, tagged: [102] },
  ]

  async function found(): Promise<string[]> {
    const { differences } = await hostDrift(services(), 'r1-h1')
    return differences.map(({ thing, wanted, seen, remedy }) => `${thing}: ${seen} -> ${wanted} by ${remedy}`)
  }

  async function heal(options: { power?: boolean } = {}): Promise<OperationView> {
    return rig.ended((await healHost(services(), admin, 'r1-h1', options)).id)
  }

  /** A change at the console of the switch of the first NIC; saved only if somebody says so. */
  function atTheConsole(vlan: number, { save = false } = {}): void {
    const [nic] = machine().nics
    if (!nic) throw new Error('a machine without a NIC')
    const tor = force10At(rig.lab, nic.cable.switch)
    tor.model.change((config: SwitchConfig) => {
      for (const { untagged, tagged } of config.vlans.values()) {
        untagged.delete(nic.cable.port)
        tagged.delete(nic.cable.port)
      }
      config.vlans.get(vlan)?.untagged.add(nic.cable.port)
    })
    if (save) tor.model.save()
  }

  test('nothing differs: wanted, running and saved are the same, and a heal does nothing', async () => {
    expect(await hostDrift(services(), 'r1-h1')).toMatchObject({
      instance: 'web1',
      because: 'web1 is running',
      unknown: null,
      power: { wanted: 'on', seen: 'on' },
      bootDevice: { wanted: 'disk', seen: { device: 'disk', persistent: true } },
      maas: { wanted: 'Deployed', seen: 'Deployed' },
      differences: [],
      unread: [],
    })
    expect(await planHeal(services(), 'r1-h1')).toMatchObject({ refusals: [], ports: [], bmc: [], maas: [] })
    expect(await heal()).toMatchObject({ kind: 'heal', state: 'succeeded' })
    expect(await faults()).toEqual([])
  })

  test('a port in another VLAN: told with its lines, and healed under a running server', async () => {
    atTheConsole(999)
    const before = switched()
    const port = 'access untagged 999 -> trunk untagged 101 tagged 102 by heal'
    expect(await found()).toEqual([expect.stringMatching(new RegExp(`port 1/1 \\(eno1\\): ${port}$`))])
    const plan = await planHeal(services(), 'r1-h1')
    expect(plan).toMatchObject({ action: 'heal', refusals: [], erase: null, bmc: [] })
    expect(plan.ports).toMatchObject([{ nic: 'eno1', after: 'trunk untagged 101 tagged 102', saves: false }])
    expect(plan.ports[0]?.lines.join()).toMatch(
      /interface vlan 101.* untagged .*interface vlan 102.* tagged /,
    )
    const healed = await heal()
    expect(healed).toMatchObject({ kind: 'heal', state: 'succeeded' })
    const notes = await listEvents(services().tools.db, { operationId: healed.id, limit: 100 })
    expect(notes.map((one) => one.message).join('\n')).toContain('access untagged 999 instead of trunk')
    expect(portsOf(rig, 'r1-h1')).toEqual(tenant)
    expect(switched()).toBe(before)
    expect(await found()).toEqual([])
    expect(await faults()).toEqual([])
  })

  test('only the saved configuration differs: saved anew, so that a restart of the switch changes nothing', async () => {
    atTheConsole(999, { save: true })
    await heal()
    expect(await found()).toEqual([])
    atTheConsole(999, { save: true })
    const [nic] = machine().nics
    const tor = force10At(rig.lab, nic?.cable.switch)
    tor.model.change((config) => {
      config.vlans.get(999)?.untagged.delete(nic?.cable.port ?? '')
      config.vlans.get(101)?.untagged.add(nic?.cable.port ?? '')
      config.vlans.get(102)?.tagged.add(nic?.cable.port ?? '')
    })
    expect(portsOf(rig, 'r1-h1')).toEqual(tenant)
    expect(await found()).toEqual([expect.stringMatching(/\(eno1\), saved: access untagged 999 -> trunk/)])
    expect((await planHeal(services(), 'r1-h1')).ports).toMatchObject([{ lines: [], saves: true }])
    expect(await heal()).toMatchObject({ state: 'succeeded' })
    await tor.reboot()
    expect(portsOf(rig, 'r1-h1')).toEqual(tenant)
  })

  test('the boot device', async () => {
    machine().bootFlags = { ...machine().bootFlags, device: 'network' }
    expect(await found()).toEqual(['boot device: network, persistent -> disk, persistent by heal'])
    expect((await planHeal(services(), 'r1-h1')).bmc).toEqual(['boot device disk (persistent)'])
    expect(await heal()).toMatchObject({ state: 'succeeded' })
    expect(await faults()).toEqual([])
  })

  test('power is reported, and switched only when a person says so', async () => {
    machine().powerOff()
    const before = switched()
    expect(await found()).toEqual(['power: off -> on by heal --power'])
    expect(await heal()).toMatchObject({ state: 'succeeded' })
    expect([machine().power(), switched()]).toEqual(['off', before])
    expect((await planHeal(services(), 'r1-h1', { power: true })).bmc).toEqual(['power on, confirmed'])
    expect(await heal({ power: true })).toMatchObject({ state: 'succeeded' })
    expect(machine().power()).toBe('on')
    expect(await faults()).toEqual([])
  })

  test('a switch that does not answer: said, not guessed; the heal ends with its reason', async () => {
    await dial('switch/r1-tor1', { down: true })
    const drift = await hostDrift(services(), 'r1-h1')
    expect(drift).toMatchObject({ differences: [] })
    expect(drift.unread.map((one) => one.thing)).toEqual(
      expect.arrayContaining([expect.stringMatching(/switch/)]),
    )
    expectOneError(await heal(), 'switch-unreachable', /switch/i)
    await dial('switch/r1-tor1', { down: false })
    expect(await heal()).toMatchObject({ state: 'succeeded' })
    expect(await faults()).toEqual([])
  })

  test('a VLAN that is another network’s by now is not put on any port', async () => {
    const { db } = services().tools
    const { id } = await findInstance(services(), 'web1')
    await db.query(
      `update port_ledger set network_id = 'other', instance_id = $1 where vlan = 102 and port = (select min(port) from port_ledger)`,
      ['00000000-0000-4000-8000-000000000000'],
    )
    atTheConsole(999)
    expectOneError(await heal(), 'vlan-in-ledger', /VLAN 102 is still on port/)
    expect(portsOf(rig, 'r1-h1')[0]).toEqual({ untagged: 999, tagged: [] })
    await db.query(
      `update port_ledger set network_id = nic ->> 'networkId', instance_id = $1
       from instance, jsonb_array_elements(instance.nics) as nic where instance.id = $1 and (nic ->> 'vlan')::int = vlan`,
      [id],
    )
    expect(await heal()).toMatchObject({ state: 'succeeded' })
    expect(await faults()).toEqual([])
  })

  test('a stopped server that somebody switched on: out of the PXE VLAN, and off only when asked', async () => {
    await rig.ended((await stopInstance(services(), admin, 'web1')).id)
    expect(await found()).toEqual([])
    machine().powerOn()
    expect(await found()).toEqual(expect.arrayContaining(['power: on -> off by heal --power']))
    expect(await heal()).toMatchObject({ state: 'succeeded' })
    expect(machine().power()).toBe('on')
    expect(portsOf(rig, 'r1-h1')).toEqual(parked(rig, 'r1-h1', 999))
    expect(await found()).toEqual(['power: on -> off by heal --power'])
    expect(await heal({ power: true })).toMatchObject({ state: 'succeeded' })
    expect(portsOf(rig, 'r1-h1')).toEqual(parked(rig, 'r1-h1'))
    expect(await faults()).toEqual([])
    await rig.ended((await startInstance(services(), admin, 'web1')).id)
    expect(await faults()).toEqual([])
  })

  test('while an operation has the host nothing is compared, and nothing is healed', async () => {
    const { operation } = await destroyInstance(services(), admin, 'web1', 'quick')
    expect(await hostDrift(services(), 'r1-h1')).toMatchObject({
      unknown: 'r1-h1 is being changed by a destroy',
      differences: [],
    })
    expect((await planHeal(services(), 'r1-h1')).refusals).toMatchObject([{ code: 'wrong-state' }])
    await expect(healHost(services(), admin, 'r1-h1')).rejects.toThrow('held by operation')
    expect(await rig.ended(operation?.id ?? '')).toMatchObject({ state: 'succeeded' })
    expect(await found()).toEqual([])
  })

  test('a free host: back into the PXE VLAN; one whose BMC is silent never gets it', async () => {
    atTheConsole(101, { save: true })
    expect((await found()).length).toBe(2)
    await dial('bmc/r1-h1', { unreachable: true })
    expect(await heal()).toMatchObject({ state: 'undone', error: { code: 'bmc-unreachable' } })
    expect(portsOf(rig, 'r1-h1').map((port) => port.untagged)).toEqual([999, 10])
    // asked to switch it off, it tries some times, and then gives up: nobody is said to try any more
    expect(await heal({ power: true })).toMatchObject({ state: 'undone', error: { code: 'bmc-unreachable' } })
    expect(portsOf(rig, 'r1-h1')).toEqual(parked(rig, 'r1-h1', 999))
    const { attention } = await hostView(services(), 'r1-h1')
    expect(attention).toMatchObject({ code: 'not-off', message: expect.stringMatching(/brought to rest/) })
    expect(attention?.remedy).toMatch(/nobody tries any more.*"ferrule host heal r1-h1 --power"/)
    await dial('bmc/r1-h1', { unreachable: false })
    // found off by a heal that switches nothing: the trouble is over
    expect(await heal()).toMatchObject({ state: 'succeeded' })
    expect(await hostView(services(), 'r1-h1')).toMatchObject({ attention: null })
    await expectResting(rig, 'r1-h1')
  })

  describe('a host that cannot be switched off leaves the PXE VLAN', () => {
    const switchedOff = (view: OperationView) => view.steps.find(({ name }) => name === 'power-off')

    test('while a BMC says yes and does nothing: after the first try, and it is tried again', async () => {
      await dial('machine/r1-h1', { pxeIgnored: 1000 }) // else MAAS switches it off again by itself
      machine().powerOn()
      expect(portsOf(rig, 'r1-h1')).toEqual(parked(rig, 'r1-h1'))
      await dial('bmc/r1-h1', { stuckPower: true })
      const { id } = await healHost(services(), admin, 'r1-h1', { power: true })
      await expect.poll(() => portsOf(rig, 'r1-h1'), { timeout: 60_000 }).toEqual(parked(rig, 'r1-h1', 999))
      expect(machine().power()).toBe('on')
      await expect
        .poll(async () => (await hostView(services(), 'r1-h1')).attention, { timeout: 60_000 })
        .toMatchObject({ code: 'not-off' })
      await dial('bmc/r1-h1', { stuckPower: false })
      const healed = await rig.ended(id)
      expect(switchedOff(healed)?.attempt).toBeGreaterThan(1)
      expect(healed).toMatchObject({ state: 'succeeded' })
      expect(machine().power()).toBe('off')
      expect(portsOf(rig, 'r1-h1')).toEqual(parked(rig, 'r1-h1'))
      expect(await hostView(services(), 'r1-h1')).toMatchObject({ attention: null })
    })

    test('a BMC that never obeys is not tried for ever', async () => {
      stuck = true
      const failed = await heal({ power: true })
      stuck = false
      expectOneError(failed, 'power-stuck', /stays on/)
      expect(switchedOff(failed)).toMatchObject({ state: 'failed', attempt: 4 })
    })
  })

  test('a free host that ran without us is dirty again', async () => {
    // else MAAS switches it off again by itself
    await dial('machine/r1-h1', { pxeIgnored: 1000 })
    machine().powerOn()
    expect(await heal({ power: true })).toMatchObject({ state: 'succeeded' })
    expect(machine().power()).toBe('off')
    expect(await hostView(services(), 'r1-h1')).toMatchObject({ state: 'dirty', dirty: true })
  })
})
