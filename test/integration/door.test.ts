import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { hostView } from '../../src/services/hosts.ts'
import { allQuiet, expectResting, parked, portsOf, powerSwitches } from '../support/bad-days.ts'
import type { Door } from '../support/door.ts'
import { CloudVm, startDoor } from '../support/door.ts'
import type { Rig } from '../support/rig.ts'
import { furnish, startRig } from '../support/rig.ts'
import { waitUntil } from '../support/wait.ts'

/** CloudStack's calls in the order of a VM's life, each state with every call that it can get: the table's columns. */
describe('the CloudStack door', () => {
  let rig: Rig
  let door: Door
  let vm: CloudVm
  beforeAll(async () => {
    rig = await startRig({ racks: ['r2'], timeScale: 1000 })
    await furnish(rig)
    expect(await rig.enlist('r2-h2', { clean: true })).toMatchObject({ state: 'succeeded' })
    door = await startDoor(rig)
    vm = new CloudVm(door, 'i-2-3-VM', [{ mac: rig.lab.routers.reserve(101, {}).mac, vlan: 101 }])
    rig.lab.routers.reserve(102, { mac: vm.nics[0]?.mac })
  })
  afterAll(async () => {
    await door?.close()
    await rig?.stop()
  })
  afterEach(async () => {
    for (const target of rig.lab.faults.values()) await target.reset()
  })
  const machine = () => rig.lab.world.machine('r2-h2')
  const switched = () => powerSwitches(rig, 'r2-h2').length
  const operations = async () =>
    Number(
      (await rig.core.services.tools.db.query<{ count: string }>('select count(*) from operation')).rows[0]
        ?.count,
    )

  test('none: nothing is known, nothing is done', async () => {
    const before = await operations()
    expect(await vm.exit('stop')).toBe('0')
    expect(await vm.exit('delete')).toBe('0')
    expect(await vm.exit('why')).toBe('0')
    for (const action of ['status', 'start', 'reboot', 'getconsole', 'Flash BMC'])
      expect(await vm.exit(action)).toMatch(/^1 \w.*\. \[call .*\]$/)
    expect(await vm.exit('create')).toMatch(/^1 no host is prepared.*orchestratorrequirespreparevm/)
    expect(await operations()).toBe(before)
  })

  test('a Java class name: 1, at once and silent', async () => {
    const payload = JSON.parse(
      readFileSync(new URL('../fixtures/cloudstack/unsupported-command.json', import.meta.url), 'utf8'),
    ) as { action: string }
    const said = await door.knock(payload.action, payload)
    expect(said).toMatchObject({ exit: 1, stdout: '' })
  })

  test('prepare reserves a host and repeats itself; a foreign token is no proof', async () => {
    expect(await vm.exit('prepare')).toBe('0')
    const first = vm.details
    expect(first).toMatchObject({ 'External:ferrule_host': 'r2-h2' })
    expect(await vm.exit('prepare')).toBe('0')
    expect(vm.details).toEqual(first)
    const other = new CloudVm(door, 'i-2-4-VM', vm.nics)
    expect(await other.exit('prepare')).toMatch(/^1 no host fits .*reserved for another instance/)
    vm.details = { 'External:ferrule_token': 'forged' }
    expect(await vm.exit('create')).toMatch(/^1 no host is prepared/)
    vm.details = first
  })

  test('deploying: a killed create is joined by its retry, and the newest NICs win', async () => {
    const before = await operations()
    await rig.lab.faults.get('machine/r2-h2')?.set({ slow: 4 })
    const killed = vm.call('create', 60, (child) => {
      void waitUntil('the create has begun', async () => (await operations()) > before).then(() =>
        process.kill(-(child.pid ?? 0), 'SIGKILL'),
      )
    })
    expect((await killed).exit).toBeNull()
    expect(await vm.exit('status')).toMatch(/^1 .*deploying/)
    expect(await vm.exit('prepare')).toBe('0')
    expect(await vm.exit('reboot')).toMatch(/^1 .*is deploying/)
    expect(await vm.exit('getconsole')).toBe('0')
    expect(await vm.exit('why')).toBe('0')
    vm.nics = vm.nics.map((nic) => ({ ...nic, vlan: 102 }))
    expect(await vm.exit('create')).toBe('0')
    expect(await operations()).toBe(before + 1)
    expect(portsOf(rig, 'r2-h2')).toEqual([{ untagged: 102, tagged: [] }])
    expect(await vm.exit('status')).toBe('PowerOn')
    await expect
      .poll(() => machine().interfaces()[0], { timeout: 10_000 })
      .toMatchObject({ mac: vm.nics[0]?.mac, vlan: 102, lease: { ip: expect.stringMatching(/^10\.102\./) } })
  })

  test('running: answers that were lost are given again, without a power cycle', async () => {
    const before = [switched(), await operations()]
    expect(await vm.exit('create')).toBe('0')
    expect(await vm.exit('start')).toBe('0')
    expect(await vm.exit('prepare')).toBe('0')
    expect(await vm.exit('why')).toBe('0')
    expect(await vm.exit('getconsole')).toBe('0')
    expect([switched(), await operations()]).toEqual(before)
    const nics = vm.nics
    vm.nics = nics.map((nic) => ({ ...nic, vlan: 101 }))
    expect(await vm.exit('create')).toMatch(/^1 .*runs already, with other networks/)
    // a start is CloudStack's newest word on the VLANs: the ports follow, the server runs on
    expect(await vm.exit('start')).toBe('0')
    expect(portsOf(rig, 'r2-h2')).toEqual([{ untagged: 101, tagged: [] }])
    expect(switched()).toBe(before[0])
    vm.nics = nics.map((nic) => ({ ...nic, mac: '02:00:00:00:00:99' }))
    expect(await vm.exit('start')).toMatch(/^1 .*another default MAC/)
    vm.nics = nics.map((nic) => ({ ...nic, vlan: 101 }))
  })

  test('reboot', async () => {
    const before = switched()
    const rebooting = vm.exit('reboot')
    // amid the reboot the BMC says off: never an answer that makes CloudStack stop the VM
    while (powerSwitches(rig, 'r2-h2').length === before)
      await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await vm.exit('status')).not.toBe('PowerOff')
    expect(await rebooting).toBe('0')
    expect(powerSwitches(rig, 'r2-h2').slice(before)).toEqual([expect.stringMatching(/off/), 'on'])
  })

  test('stop and stopped: clear, and found out when somebody presses the button', async () => {
    expect(await vm.exit('stop')).toBe('0')
    expect(machine().power()).toBe('off')
    expect(portsOf(rig, 'r2-h2')).toEqual(parked(rig, 'r2-h2'))
    expect(await vm.exit('status')).toBe('PowerOff')
    expect(await vm.exit('stop')).toBe('0')
    expect(await vm.exit('prepare')).toBe('0')
    expect(await vm.exit('reboot')).toMatch(/^1 .*is stopped/)
    machine().powerOn()
    expect(await vm.exit('status')).toMatch(/^1 r2-h2 is on, although i-2-3-VM is stopped/)
    expect(await hostView(rig.core.services, 'r2-h2')).toMatchObject({ attention: { code: 'stray-power' } })
    expect(await vm.exit('stop')).toBe('0')
    expect(machine().power()).toBe('off')
    expect(await vm.exit('status')).toBe('PowerOff')
    expect(await hostView(rig.core.services, 'r2-h2')).toMatchObject({ attention: null })
  })

  test('start: refused with a fenced VLAN and with another MAC, works with the VLANs of this payload', async () => {
    const nics = vm.nics
    vm.nics = nics.map((nic) => ({ ...nic, vlan: 950 }))
    expect(await vm.exit('start')).toMatch(/^1 VLAN 950 is outside 100-899/)
    expect(await vm.exit('status')).toBe('PowerOff')
    vm.nics = nics.map((nic) => ({ ...nic, mac: '02:00:00:00:00:99' }))
    expect(await vm.exit('start')).toMatch(/^1 .*02:00:00:00:00:99/)
    vm.nics = nics.map((nic) => ({ ...nic, vlan: 102 }))
    expect(await vm.exit('create')).toBe('0')
    expect(await vm.exit('status')).toBe('PowerOn')
    expect(portsOf(rig, 'r2-h2')).toEqual([{ untagged: 102, tagged: [] }])
  })

  test('delete succeeds once clear, while the wipe goes on', async () => {
    await rig.lab.faults.get('machine/r2-h2')?.set({ slow: 2 })
    expect(await vm.exit('delete')).toBe('0')
    expect(machine().disks[0]?.isBlank()).toBe(false)
    expect(portsOf(rig, 'r2-h2')).toEqual(parked(rig, 'r2-h2'))
    const calls = ['prepare', 'create', 'start', 'stop', 'reboot', 'delete', 'status', 'getconsole', 'why']
    expect(await Promise.all(calls.map((action) => vm.exit(action)))).toEqual([
      expect.stringMatching(/^1 .*is destroying/),
      expect.stringMatching(/^1 .*is destroying/),
      expect.stringMatching(/^1 .*is destroying/),
      '0',
      expect.stringMatching(/^1 .*is destroying/),
      '0',
      'PowerOff',
      expect.stringMatching(/^1/),
      '0',
    ])
    await allQuiet(rig)
    await expectResting(rig, 'r2-h2')
    expect(machine().disks[0]?.isBlank()).toBe(true)
    expect(await vm.exit('delete')).toBe('0')
    expect(await vm.exit('status')).toMatch(/^1 .*unknown here/)
  })
})
