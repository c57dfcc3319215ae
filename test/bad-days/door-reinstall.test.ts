import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { hostCertificates } from '../../src/services/hosts.ts'
import { why } from '../../src/services/why.ts'
import { allQuiet, expectResting, parked, portsOf } from '../support/bad-days.ts'
import type { Door } from '../support/door.ts'
import { CloudVm, startDoor } from '../support/door.ts'
import { Gate, type Held } from '../support/gate.ts'
import type { Rig } from '../support/rig.ts'
import { furnish, startRig } from '../support/rig.ts'

/** CloudStack's custom action, and what its other calls do while a VM of it is being installed anew. */
describe('reinstall through the CloudStack door', () => {
  const gate = new Gate()
  let rig: Rig
  let door: Door
  let vm: CloudVm
  beforeAll(async () => {
    rig = await startRig({ racks: ['r2'], interference: gate })
    await furnish(rig)
    expect(await rig.enlist('r2-h2', { clean: true })).toMatchObject({ state: 'succeeded' })
    door = await startDoor(rig)
    vm = new CloudVm(door, 'i-2-3-VM', [{ mac: rig.lab.routers.reserve(101, {}).mac, vlan: 101 }])
    rig.lab.routers.reserve(102, { mac: vm.nics[0]?.mac })
    await running()
  })
  afterAll(async () => {
    await door?.close()
    await rig?.stop()
  })
  afterEach(async () => {
    for (const target of rig.lab.faults.values()) await target.reset()
  })
  const db = () => rig.core.services.tools.db
  const dial = (target: string, dials: Record<string, unknown>) => rig.lab.faults.get(target)?.set(dials)

  async function running(): Promise<void> {
    expect(await vm.exit('prepare')).toBe('0')
    expect(await vm.exit('create')).toBe('0')
    expect(await vm.exit('status')).toBe('PowerOn')
  }

  /** Begins a reinstall and waits until it stands in front of a step. */
  async function reinstallAt(step: string): Promise<Held> {
    const held = gate.hold('reinstall', step)
    expect(await vm.exit('reinstall')).toBe('0')
    await held.reached
    return held
  }

  async function reinstalls(): Promise<{ state: string; number: string }[]> {
    const { rows } = await db().query<{ state: string; number: string }>(
      `select state, number from operation where kind = 'reinstall' order by number`,
    )
    return rows
  }

  test('running: started at once, told nothing false meanwhile, and runs again', async () => {
    vm.parameters = { template: 'ubuntu/noble', erase: 'quick' }
    const held = gate.hold('reinstall', 'wait-erased')
    const said = await vm.call('reinstall', 5)
    const [begun] = await reinstalls()
    expect(said).toMatchObject({
      exit: 0,
      body: { status: 'success', message: `started, operation ${begun?.number}` },
    })
    vm.parameters = {}
    await held.reached
    // an "off" would make CloudStack give its VLAN away, an "on" would be a lie
    expect(await vm.exit('status')).toMatch(/^1 .*being reinstalled/)
    for (const action of ['reboot', 'reinstall']) expect(await vm.exit(action)).toMatch(/^1 .*is deploying/)
    for (const action of ['prepare', 'why']) expect(await vm.exit(action)).toBe('0')
    expect(portsOf(rig, 'r2-h2')).toEqual(parked(rig, 'r2-h2'))
    const starting = vm.exit('start')
    held.release()
    expect(await starting).toBe('0')
    expect(await vm.exit('status')).toBe('PowerOn')
    expect(portsOf(rig, 'r2-h2')).toEqual([{ untagged: 101, tagged: [] }])
    // on is what its BMC says: the system comes up after that
    await expect
      .poll(() => rig.lab.world.machine('r2-h2').running(), { timeout: 10_000 })
      .toMatchObject({ image: 'ubuntu/noble' })
    expect(await hostCertificates(rig.core.services, 'r2-h2')).toMatchObject([{ proven: true }])
  })

  test('a form that makes no sense is refused, and changes nothing', async () => {
    const before = await reinstalls()
    for (const [parameters, words] of [
      [{ erase: 'never' }, /^1 erase policy "never" is unknown.*the parameter erase/],
      [{ template: 'beos/r5' }, /^1 MAAS has no image "beos\/r5"/],
    ] as const) {
      vm.parameters = parameters
      expect(await vm.exit('reinstall')).toMatch(words)
    }
    vm.parameters = {}
    expect(await reinstalls()).toEqual(before)
    expect(await vm.exit('status')).toBe('PowerOn')
  })

  test('stop past the claim: as on a running VM', async () => {
    const held = await reinstallAt('boot-disk')
    const stopping = vm.exit('stop')
    await expect.poll(() => vm.exit('status'), { timeout: 5_000 }).toMatch(/^1 .*is stopping/)
    held.release()
    expect(await stopping).toBe('0')
    expect(await vm.exit('status')).toBe('PowerOff')
    expect(portsOf(rig, 'r2-h2')).toEqual(parked(rig, 'r2-h2'))
    expect(await vm.exit('start')).toBe('0')
  })

  test('stop meanwhile: clear at once, and stopped at the end; its VLANs come with the next start', async () => {
    const held = await reinstallAt('wait-erased')
    const before = rig.lab.world.diary.length
    expect(await vm.exit('stop')).toBe('0')
    expect(await vm.exit('status')).toBe('PowerOff')
    held.release()
    expect((await reinstalls()).at(-1)).toMatchObject({ state: 'running' })
    // CloudStack has given VLAN 101 away by now
    vm.nics = vm.nics.map((nic) => ({ ...nic, vlan: 102 }))
    expect(await vm.exit('start')).toBe('0')
    expect((await reinstalls()).at(-1)).toMatchObject({ state: 'succeeded' })
    expect(portsOf(rig, 'r2-h2')).toEqual([{ untagged: 102, tagged: [] }])
    // the start is over when power is on; the system speaks once it has booted, and not a word in 101
    const vlans = () =>
      rig.lab.world.diary.slice(before).flatMap((line) => (line.kind === 'presence' ? [line.vlan] : []))
    await expect.poll(() => vlans().at(-1), { timeout: 10_000 }).toBe(102)
    expect(vlans()).not.toContain(101)
  })

  test('stopped: reinstalled without coming back to life', async () => {
    expect(await vm.exit('stop')).toBe('0')
    const held = await reinstallAt('confirm')
    expect(await vm.exit('status')).toMatch(/^1 .*being reinstalled/)
    held.release()
    await allQuiet(rig)
    expect(await vm.exit('status')).toBe('PowerOff')
    expect(portsOf(rig, 'r2-h2')).toEqual(parked(rig, 'r2-h2'))
    expect(await vm.exit('start')).toBe('0')
  })

  test('failed: off, started never, installed anew once the cause is gone', async () => {
    await dial('maas', { deployFails: ['r2-h2'] })
    expect(await vm.exit('reinstall')).toBe('0')
    await allQuiet(rig)
    expect(await vm.exit('status')).toBe('PowerOff')
    expect(await vm.exit('stop')).toBe('0')
    expect(await vm.exit('start')).toMatch(/^1 .*Failed deployment.*ferrule instance reinstall/)
    await dial('maas', { deployFails: [] })
    expect(await vm.exit('reinstall')).toBe('0')
    await allQuiet(rig)
    expect(await vm.exit('start')).toBe('0')
    expect(await vm.exit('status')).toBe('PowerOn')
  })

  test('parked: the erase cannot be proven; nothing says off, a stop is remembered, a delete goes through', async () => {
    await dial('machine/r2-h2', { readOnlyDisks: ['sda'] })
    expect(await vm.exit('reinstall')).toBe('0')
    await expect
      .poll(async () => (await why(rig.core.services, 'host', 'r2-h2')).summary, { timeout: 30_000 })
      .toContain('parked')
    expect(await vm.exit('status')).toMatch(/^1 .*being reinstalled/)
    expect(await vm.exit('start', 12)).toMatch(/^1 .*parked/)
    expect(await vm.exit('stop')).toBe('0')
    expect(await vm.exit('status')).toBe('PowerOff')
    expect(await vm.exit('delete')).toBe('0')
    expect(await vm.exit('status')).toBe('PowerOff')
    await dial('machine/r2-h2', { readOnlyDisks: [] })
    expect(await vm.exit('delete')).toBe('0')
    await allQuiet(rig)
    await expectResting(rig, 'r2-h2')
    expect(await vm.exit('status')).toMatch(/^1 .*unknown here/)
  })

  test('delete meanwhile: 0 once clear; erased, and the host is free', async () => {
    vm = new CloudVm(door, 'i-2-4-VM', vm.nics)
    await running()
    const held = await reinstallAt('wait-erased')
    expect(await vm.exit('delete')).toBe('0')
    held.release()
    await allQuiet(rig)
    await expectResting(rig, 'r2-h2')
    // the erase that was under way is the proof: there was no second one
    const { rows } = await db().query(
      `select from operation where kind = 'destroy' and instance_id in (select id from instance where name = 'i-2-4-VM')`,
    )
    expect(rows).toEqual([])
    expect(await vm.exit('delete')).toBe('0')
  })
})
