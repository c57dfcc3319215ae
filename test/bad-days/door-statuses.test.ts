import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { allQuiet } from '../support/bad-days.ts'
import type { Door } from '../support/door.ts'
import { CloudVm, startDoor } from '../support/door.ts'
import { Gate } from '../support/gate.ts'
import type { Rig } from '../support/rig.ts'
import { furnish, startRig } from '../support/rig.ts'

/** One call for the power of all VMs of a pool. A VM that it leaves out counts as stopped for CloudStack. */
describe('statuses through the CloudStack door', () => {
  const hosts = ['r2-h2', 'r2-h4', 'r2-h6']
  const gate = new Gate()
  let rig: Rig
  let door: Door
  beforeAll(async () => {
    rig = await startRig({ racks: ['r2'], timeScale: 1000, interference: gate })
    await furnish(rig)
    for (const host of hosts)
      expect(await rig.enlist(host, { clean: true })).toMatchObject({ state: 'succeeded' })
    // the lab's minutes are too short for this: whoever is asked for what the records say takes longer
    rig.core.services.settings.powerFresh = 600_000
    door = await startDoor(rig)
  })
  afterAll(async () => {
    await door?.close()
    await rig?.stop()
  })
  afterEach(async () => {
    for (const target of rig.lab.faults.values()) await target.reset()
  })
  const db = () => rig.core.services.tools.db
  const unreachable = () =>
    Promise.all(hosts.map((host) => rig.lab.faults.get(`bmc/${host}`)?.set({ unreachable: true })))

  function newVm(name: string, pool: string): CloudVm {
    const vm = new CloudVm(door, name, [{ mac: rig.lab.routers.reserve(101, {}).mac, vlan: 101 }])
    vm.host = { pool }
    return vm
  }

  async function running(name: string, pool: string): Promise<CloudVm> {
    const vm = newVm(name, pool)
    expect(await vm.exit('prepare')).toBe('0')
    expect(await vm.exit('create')).toBe('0')
    return vm
  }

  const statuses = (host: Record<string, string>) =>
    door.knock('statuses', { externaldetails: { host, extension: {} } })

  let web: CloudVm
  let db1: CloudVm
  let other: CloudVm

  test('a pool is told whole and alone, from memory: no BMC is asked', async () => {
    web = await running('i-2-1-VM', 'rack-2')
    db1 = await running('i-2-2-VM', 'rack-2')
    other = await running('i-2-3-VM', 'rack-3')
    expect(await db1.exit('stop')).toBe('0')
    await unreachable()
    const said = await statuses({ pool: 'Rack-2' })
    expect(said).toMatchObject({
      exit: 0,
      body: { status: 'success', power_state: { 'i-2-1-VM': 'PowerOn', 'i-2-2-VM': 'PowerOff' } },
    })
    expect(Object.keys(said.body.power_state ?? {})).toEqual(['i-2-1-VM', 'i-2-2-VM'])
    expect((await statuses({ pool: 'rack-3' })).body.power_state).toEqual({ 'i-2-3-VM': 'PowerOn' })
  })

  test('a reading that is too old is no answer: the BMC is asked, and unknown is never left out', async () => {
    await db().query(`update power_reading set at = now() - interval '1 hour'`)
    await unreachable()
    expect((await statuses({ pool: 'rack-2' })).body.power_state).toEqual({
      'i-2-1-VM': 'PowerUnknown',
      'i-2-2-VM': 'PowerUnknown',
    })
    for (const target of rig.lab.faults.values()) await target.reset()
    expect((await statuses({ pool: 'rack-2' })).body.power_state).toEqual({
      'i-2-1-VM': 'PowerOn',
      'i-2-2-VM': 'PowerOff',
    })
  })

  test('a running server that was switched off is told so only by its BMC', async () => {
    rig.lab.world.machine(web.details['External:ferrule_host'] ?? '').powerOff()
    // the reading says on, and is young: CloudStack learns of it with the next one
    expect((await statuses({ pool: 'rack-2' })).body.power_state).toMatchObject({ 'i-2-1-VM': 'PowerOn' })
    await db().query(`update power_reading set state = 'off', known = 'off', at = now() where state = 'on'`)
    expect((await statuses({ pool: 'rack-2' })).body.power_state).toMatchObject({ 'i-2-1-VM': 'PowerOff' })
    // the record was wrong for this one, and CloudStack answers an off with a stop
    expect((await statuses({ pool: 'rack-3' })).body.power_state).toEqual({ 'i-2-3-VM': 'PowerOn' })
    expect(await web.exit('stop')).toBe('0')
  })

  test('after a start nothing says off before on was seen, neither one by one nor for all', async () => {
    for (const step of ['ports', 'power-on', 'confirm']) {
      const held = gate.hold('start', step)
      const starting = web.exit('start')
      expect(await Promise.race([held.reached, starting])).toBeUndefined()
      expect(await web.exit('status')).toMatch(/^1 .*is deploying/)
      expect((await statuses({ pool: 'rack-2' })).body.power_state).toEqual({
        'i-2-1-VM': 'PowerUnknown',
        'i-2-2-VM': 'PowerOff',
      })
      held.release()
      expect(await starting).toBe('0')
      expect((await statuses({ pool: 'rack-2' })).body.power_state).toMatchObject({ 'i-2-1-VM': 'PowerOn' })
      expect(await web.exit('stop')).toBe('0')
    }
  })

  test('a VM whose host is not known yet: refused, so that CloudStack asks one by one, and that tells it', async () => {
    await db().query('update instance set cloudstack_host = null where name = $1', ['i-2-3-VM'])
    expect(await statuses({ pool: 'rack-2' })).toMatchObject({
      exit: 1,
      body: { status: 'error', message: expect.stringMatching(/under which host i-2-3-VM is/) },
    })
    expect(await other.exit('status')).toBe('PowerOn')
    expect((await statuses({ pool: 'rack-2' })).exit).toBe(0)
  })

  test('a host without a name, a renamed one, a payload that is none: refused, never an empty list', async () => {
    for (const host of [{}, { node: 'n1' }, { pool: 'renamed' }])
      expect(await statuses(host)).toMatchObject({ exit: 1, body: { status: 'error' } })
    expect(await door.knock('statuses', { externaldetails: 'odd' })).toMatchObject({ exit: 1 })
  })

  test('a VM that is gone is left out', async () => {
    expect(await other.exit('delete')).toBe('0')
    await allQuiet(rig)
    expect(await statuses({ pool: 'rack-3' })).toMatchObject({ exit: 1 })
    expect((await statuses({ pool: 'rack-2' })).body.power_state).not.toHaveProperty('i-2-3-VM')
  })

  test('five hundred VMs in one answer, in time and within a pipe', async () => {
    const { rows } = await db().query<{ id: string; template_id: string; offering_id: string }>(
      'select id, template_id, offering_id from instance limit 1',
    )
    await db().query(
      `insert into instance (id, name, external_id, state, template_id, offering_id, nics, hostname, cloudstack_host)
       select gen_random_uuid(), 'i-9-' || n || '-VM', $3 || n, 'failed', $1, $2, '[]', 'x', 'pool=large' from generate_series(1, 500) as n`,
      [rows[0]?.template_id, rows[0]?.offering_id, `${randomUUID()}-`],
    )
    const said = await statuses({ pool: 'large' })
    expect(said.exit).toBe(0)
    expect(Object.values(said.body.power_state ?? {})).toEqual(Array(500).fill('PowerOff'))
    await db().query(
      `update instance set cloudstack_host = 'pool=large', name = repeat('x', 120) || name where hostname = 'x'`,
    )
    expect(await statuses({ pool: 'large' })).toMatchObject({
      exit: 1,
      body: { message: expect.stringMatching(/too long/) },
    })
  })
})
