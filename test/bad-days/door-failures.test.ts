import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { allQuiet, expectResting, parked, portsOf } from '../support/bad-days.ts'
import type { Door } from '../support/door.ts'
import { CloudVm, run, startDoor } from '../support/door.ts'
import type { Rig } from '../support/rig.ts'
import { furnish, startRig } from '../support/rig.ts'

/** What CloudStack does when things fail: eleven tries in seconds, a stop after each, processes that are killed. */
describe('the CloudStack door when things fail', () => {
  let rig: Rig
  let door: Door
  beforeAll(async () => {
    rig = await startRig({ racks: ['r2'], timeScale: 1000 })
    await furnish(rig)
    for (const host of ['r2-h2', 'r2-h4'])
      expect(await rig.enlist(host, { clean: true })).toMatchObject({ state: 'succeeded', error: null })
    door = await startDoor(rig)
  })
  afterAll(async () => {
    await door?.close()
    await rig?.stop()
  })
  afterEach(async () => {
    for (const target of rig.lab.faults.values()) await target.reset()
    for (const vm of vms.splice(0)) expect(await vm.exit('delete')).toBe('0')
    await allQuiet(rig)
    for (const host of ['r2-h2', 'r2-h4']) await expectResting(rig, host)
  })

  let count = 10
  const vms: CloudVm[] = []
  const newVm = () => {
    count += 1
    const nics = [{ mac: rig.lab.routers.reserve(101, {}).mac, vlan: 101 }]
    const vm = new CloudVm(door, `i-2-${count}-VM`, nics)
    vms.push(vm)
    return vm
  }
  const slowly = (slow: number) =>
    Promise.all(['r2-h2', 'r2-h4'].map((host) => rig.lab.faults.get(`machine/${host}`)?.set({ slow })))
  const deploysSeen = () =>
    rig.lab.world.diary
      .filter((line) => line.detail.startsWith('MAAS environment for deploy'))
      .map((line) => line.machine)
  const until = (vm: CloudVm, step: string) =>
    expect
      .poll(
        async () =>
          (
            await rig.core.services.tools.db.query(
              `select 1 from operation_step join operation on operation.id = operation_id join instance on instance.id = instance_id
               where external_id = $1 and operation_step.name = $2 and operation.ended_at is null`,
              [vm.uuid, step],
            )
          ).rows.length,
        { timeout: 10_000, interval: 20 },
      )
      .toBeGreaterThan(0)

  test('eleven tries of a create that cannot succeed cost two installations, on two hosts', async () => {
    const vm = newVm()
    await rig.lab.faults.get('maas')?.set({ deployFails: ['*'] })
    expect(await vm.exit('prepare')).toBe('0')
    const said: string[] = []
    const took: number[] = []
    for (let attempt = 0; attempt < 11; attempt++) {
      const from = performance.now()
      said.push(await vm.exit('create'))
      took.push(performance.now() - from)
      expect(await vm.exit('stop')).toBe('0')
      expect(await vm.exit('status')).toBe('PowerOff')
      expect(await vm.exit('prepare')).toMatch(attempt === 0 ? /^0$/ : /^1 .*It failed on 2 hosts/)
    }
    expect(deploysSeen().sort()).toEqual(['r2-h2', 'r2-h4'])
    expect(said[0]).toMatch(/^1 MAAS says Failed deployment for r2-h[24]/)
    expect(said[2]).toMatch(/Failed deployment .*It failed on 2 hosts; the next attempt is possible at 2/)
    expect(new Set(said.slice(2)).size).toBe(1)
    expect(Math.max(...took.slice(2))).toBeLessThan(2_000)
    expect(await vm.exit('start')).toMatch(/^1 .*Failed deployment/)
    expect(await vm.exit('reboot')).toMatch(/^1 .*is failed/)
    await allQuiet(rig)

    // an hour later, and the cause is gone
    await rig.lab.faults.get('maas')?.reset()
    await rig.core.services.tools.db.query(
      `update instance set attempts = (select jsonb_agg(one || jsonb_build_object('at', now() - interval '1 hour')) from jsonb_array_elements(attempts) one)
       where external_id = $1 and attempts <> '[]'`,
      [vm.uuid],
    )
    expect(await vm.exit('create')).toBe('0')
    expect(await vm.exit('delete')).toBe('0')
  })

  test('a create that is refused without effects is checked again each time, and works once the cause is gone', async () => {
    const vm = newVm()
    expect(await vm.exit('prepare')).toBe('0')
    const nics = vm.nics
    vm.nics = nics.map((nic) => ({ ...nic, vlan: 950 }))
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await vm.exit('create')).toMatch(/^1 VLAN 950 is outside 100-899/)
      expect(await vm.exit('stop')).toBe('0')
    }
    vm.nics = nics
    expect(await vm.exit('create')).toBe('0')
    expect(await vm.exit('delete')).toBe('0')
  })

  test('"still deploying" is answered in time; the stop that follows changes nothing, and the next create joins', async () => {
    const vm = newVm()
    await slowly(4)
    expect(await vm.exit('prepare')).toBe('0')
    const before = deploysSeen().length
    const said = await vm.call('create', 2)
    expect(said).toMatchObject({
      exit: 1,
      body: { message: expect.stringMatching(/still deploying.*goes on/) },
    })
    expect(said.ms).toBeLessThan(2_000)
    expect(await vm.exit('status')).toBe('PowerOff')
    expect(await vm.exit('stop')).toBe('0')
    expect(await vm.exit('create')).toBe('0')
    expect(await vm.exit('status')).toBe('PowerOn')
    expect(deploysSeen().length).toBe(before + 1)
    await slowly(1)
    expect(await vm.exit('delete')).toBe('0')
  })

  test('a stop while a create is attached cancels it, and answers once the VM is clear', async () => {
    const vm = newVm()
    await slowly(4)
    expect(await vm.exit('prepare')).toBe('0')
    const creating = vm.exit('create')
    await until(vm, 'wait-deployed')
    expect(await vm.exit('status')).toMatch(/^1 .*deploying/)
    expect(await vm.exit('stop')).toBe('0')
    expect(await creating).toMatch(/^1 cancelled: stop/)
    const host = vm.details['External:ferrule_host'] ?? ''
    expect(portsOf(rig, host)).toEqual(parked(rig, host))
    expect(await vm.exit('status')).toBe('PowerOff')
    await slowly(1)
  })

  test('delete while deploying: cancelled, erased, gone', async () => {
    const vm = newVm()
    await slowly(4)
    expect(await vm.exit('prepare')).toBe('0')
    const creating = vm.exit('create')
    await until(vm, 'wait-deployed')
    expect(await vm.exit('delete')).toBe('0')
    expect(await creating).toMatch(/^1 /)
    await slowly(1)
    await allQuiet(rig)
    expect(await vm.exit('status')).toMatch(/^1 .*unknown here/)
  })

  test('a default MAC that changed while the system was installed fails the claim', async () => {
    const vm = newVm()
    await slowly(4)
    expect(await vm.exit('prepare')).toBe('0')
    const creating = vm.exit('create')
    await until(vm, 'deploy')
    vm.nics = vm.nics.map((nic) => ({ ...nic, mac: '02:00:00:00:00:77' }))
    expect(await vm.exit('create')).toMatch(/^1 the default MAC changed from .* to 02:00:00:00:00:77/)
    expect(await creating).toMatch(/^1 the default MAC changed/)
    await slowly(1)
  })

  test('a stop amid a start cancels it: off, out of the tenant network, and startable again', async () => {
    const vm = newVm()
    expect(await vm.exit('prepare')).toBe('0')
    expect(await vm.exit('create')).toBe('0')
    expect(await vm.exit('stop')).toBe('0')
    const host = vm.details['External:ferrule_host'] ?? ''
    const tor = rig.lab.switches.get('r2-tor1')
    await tor?.faults.set({ delayMs: 150 })
    const starting = vm.exit('start')
    await until(vm, 'ports')
    const [stopped, started] = [await vm.exit('stop'), await starting]
    await tor?.faults.set({ delayMs: 0 })
    expect(stopped).toBe('0')
    expect(started).toMatch(/^1 /)
    expect(rig.lab.world.machine(host).power()).toBe('off')
    expect(portsOf(rig, host)).toEqual(parked(rig, host))
    expect(await vm.exit('start')).toBe('0')
    expect(await vm.exit('delete')).toBe('0')
  })

  test('sixteen VMs that are prepared at once get a host each: nobody is told that there is none', async () => {
    const { db } = rig.core.services.tools
    const many = 16
    // as r2-h2, but no operation ever comes near them
    await db.query(
      `insert into host (id, name, bmc_address, bmc_username, bmc_password_sealed, boot_mac, interfaces, cpu_count, cpu_speed_mhz, memory_mib, architecture, tags, in_pool)
       select gen_random_uuid(), 'many-' || number, '192.0.2.' || number, bmc_username, bmc_password_sealed, mac,
              jsonb_build_array((interfaces -> 0) || jsonb_build_object('mac', mac)), cpu_count, cpu_speed_mhz, memory_mib, architecture, tags, true
       from host, generate_series(1, $1) as number, lateral (select '52:54:00:00:02:' || lpad(to_hex(number), 2, '0') as mac) as own
       where name = 'r2-h2'`,
      [many],
    )
    await db.query(
      `insert into cable (switch_id, port, mac) select cable.switch_id, 'TenGigabitEthernet 2/' || many.name, many.boot_mac
       from host as many, host join cable on cable.mac = host.boot_mac where host.name = 'r2-h2' and many.name like 'many-%'`,
    )
    const together = Array.from({ length: many }, newVm)
    try {
      expect(new Set(await Promise.all(together.map((vm) => vm.exit('prepare'))))).toEqual(new Set(['0']))
      expect(new Set(together.map((vm) => vm.details['External:ferrule_host'])).size).toBe(many)
    } finally {
      for (const vm of together) await vm.exit('delete')
      await db.query(`delete from cable where mac in (select boot_mac from host where name like 'many-%')`)
      await db.query(`delete from host where name like 'many-%'`)
    }
  })

  // that each refusal has a reference that can be looked up is asserted on every call of every test (support/door.ts)
  test('a fault that nobody thought of, and payloads that are none: one line, nothing of a program in it', async () => {
    const vm = newVm()
    const odd = { ...Object(vm.payload('status')), virtualmachineid: 'a\u0000b' }
    for (const [action, payload, words] of [
      ['status', odd, /^Ferrule met an unexpected fault\. Give this reference to the operator/],
      ['status', 'x'.repeat(5 * 2 ** 20), /^the payload of CloudStack is too large/],
      ['status', undefined, /^the payload of CloudStack is no JSON/],
      ['status', [], /^the payload is not what CloudStack writes/],
      ['Flash BMC', vm.payload('status'), /^Ferrule has no action "Flash BMC"/],
    ] as const) {
      const { exit, body } = await door.knock(action, payload)
      expect([exit, String(body.message)]).toEqual([1, expect.stringMatching(words)])
      expect(String(body.message)).not.toMatch(/invalid byte|22021|at .*\.ts|node_modules|SyntaxError/)
    }
  })

  test('no daemon, a daemon that hangs, no payload: 1 with one sentence of JSON, in time', async () => {
    const vm = newVm()
    const none = await door.knock('status', vm.payload('status'), 5, { socket: '/nonexistent.sock' })
    expect(none).toMatchObject({
      exit: 1,
      body: { status: 'error', message: expect.stringMatching(/does not answer/) },
    })
    expect(await run(['status', '/nonexistent.json', '5'], door.socket)).toMatchObject({
      exit: 1,
      body: { message: expect.stringMatching(/payload file cannot be read/) },
    })
    const dir = await mkdtemp(join(tmpdir(), 'ferrule-deaf-'))
    const deaf = createServer(() => undefined)
    await new Promise<void>((resolve) => deaf.listen(join(dir, 'deaf.sock'), resolve))
    const hung = await door.knock('status', vm.payload('status'), 2, { socket: join(dir, 'deaf.sock') })
    expect(hung).toMatchObject({ exit: 1, body: { message: expect.stringMatching(/does not answer/) } })
    deaf.closeAllConnections()
    await new Promise((resolve) => deaf.close(resolve))
    await rm(dir, { recursive: true })
    expect(await door.knock('status', { nonsense: true }, 5)).toMatchObject({
      exit: 1,
      body: { message: expect.stringMatching(/payload is not what CloudStack writes/) },
    })
  })
})
