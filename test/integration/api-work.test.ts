import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Caller } from '../../src/services/context.ts'
import { addHost } from '../../src/services/hosts.ts'
import { RepeatedRequest } from '../../src/services/requests.ts'
import { apiForTests, newHost } from '../support/api-call.ts'

const { fixture, call } = apiForTests()

describe('work that the API begins', () => {
  test('adding a host answers 202 with its operation, and the password is nowhere', async () => {
    const added = await call('POST', 'hosts', { body: newHost('one', 21) })
    expect(added.status).toBe(202)
    expect(added.headers.location).toBe(`/api/v1/operations/${added.body.operation.id}`)
    expect(added.body.host).toMatchObject({ name: 'one', state: 'enlisting' })
    const operation = await call('GET', String(added.headers.location))
    expect(operation.body).toMatchObject({ kind: 'enlist', state: 'queued', steps: [] })
    expect(operation.body.planned.length).toBeGreaterThan(5)
    expect((await call('GET', `operations/${operation.body.number}`)).body.id).toBe(operation.body.id)
    const record = await call('GET', `operations/${operation.body.number}/record`)
    expect(record.headers['content-disposition']).toBe(
      `attachment; filename="ferrule-enlist-${operation.body.number}.json"`,
    )
    expect(record.body.operation).toMatchObject({
      id: operation.body.id,
      input: { hostId: added.body.host.id },
      steps: [],
    })
    expect(record.text).not.toContain('hunter2secret')
    for (const path of ['hosts/one', 'operations', 'events', 'settings', 'why/host/one', 'metrics'])
      expect((await call('GET', path)).text).not.toContain('hunter2secret')
    expect((await call('GET', 'metrics')).text).toMatch(/ferrule_hosts\{state="enlisting"\} 1/)
    expect((await call('GET', 'why/host/one')).body.object).toEqual({ kind: 'host', name: 'one' })
  })

  test('a host comes with its cable, which its rack configuration has from then on; or with nothing', async () => {
    const file = `racks:
  - l2Switch: {ip: 10.1.0.9, username: u, password: p, type: Force10}
    hosts: [{mac: '52:54:00:aa:bb:09', port: 1/1}]
    uplinks: [1/49]
`
    await call('PUT', 'racks/r9', { body: file, type: 'application/yaml' })
    const add = (name: string, number: number, port: string, address = '10.1.0.9') =>
      call('POST', 'hosts', { body: { ...newHost(name, number), port: { switch: address, port, unit: 7 } } })
    for (const [port, said] of [
      ['1/1', /port 1\/1 of switch 10.1.0.9 is listed already/],
      ['1/49', /is an uplink/],
      ['one', /one/],
    ] as const) {
      const refused = await add('wired', 60, port)
      expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
        400,
        'invalid-input',
        expect.stringMatching(said),
      ])
    }
    expect((await add('wired', 60, '1/2', '10.1.0.8')).body.code).toBe('not-found')
    // refused for another reason: the cable is not there either
    expect((await add('one', 60, '1/2')).body.code).toBe('conflict')
    const ports = async () => (await call('GET', 'racks/r9')).body.switches[0].ports
    expect(await ports()).toHaveLength(1)
    expect((await add('wired', 60, '1/2')).status).toBe(202)
    expect(await ports()).toContainEqual({
      ...{ port: '1/2', member: null, mac: '52:54:00:00:00:3c', place: { unit: 7, units: 1 } },
    })
    const elsewhere = await call('POST', 'hosts', {
      body: {
        ...newHost('again', 61),
        bootMac: '52:54:00:00:00:3c',
        port: { switch: '10.1.0.9', port: '1/3' },
      },
    })
    expect(elsewhere.body.detail).toContain('is wired to 10.1.0.9 1/2')
    // several NICs: all of them, or none where one cannot be
    const two = (second: string) =>
      call('POST', 'hosts', {
        body: {
          ...{ ...newHost('bonded', 62), port: { switch: '10.1.0.9', port: '1/4', unit: 9 } },
          cables: [{ mac: '52:54:00:AA:00:62', switch: '10.1.0.9', port: second }],
        },
      })
    expect((await two('1/4')).body.detail).toContain('port 1/4 of switch 10.1.0.9 is listed already')
    expect(await ports()).toHaveLength(2)
    expect((await two('1/5')).status).toBe(202)
    expect((await ports()).map(({ port, mac }: { port: string; mac: string }) => [port, mac])).toEqual(
      expect.arrayContaining([
        ['1/4', '52:54:00:00:00:3e'],
        ['1/5', '52:54:00:aa:00:62'],
      ]),
    )
  })

  test('one key and one request: one effect and one answer, also at once', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const ask = () => call('POST', 'hosts', { body: newHost('two', 22), headers })
    const [first, second] = await Promise.all([ask(), ask()])
    const third = await ask()
    expect([first.status, second.status, third.status]).toEqual([202, 202, 202])
    expect(second.body).toEqual(first.body)
    expect(third.body).toEqual(first.body)
    expect(third.headers.location).toBe(first.headers.location)
    const other = await call('POST', 'hosts', { body: newHost('three', 23), headers })
    expect([other.status, other.body.code]).toEqual([409, 'idempotency-mismatch'])
    expect((await call('GET', 'hosts/three')).status).toBe(404)
  })

  test('operations tell by name what they are about, and are found by a part of it; a host that is gone has none', async () => {
    const added = [
      await call('POST', 'hosts', { body: newHost('named-Web', 51) }),
      await call('POST', 'hosts', { body: newHost('named-db_1', 52) }),
    ]
    const [web, db] = added.map(({ body }) => body.operation.number)
    expect(added.map(({ body }) => [body.operation.host, body.operation.instance])).toEqual([
      ['named-Web', null],
      ['named-db_1', null],
    ])
    expect((await call('GET', `operations/${web}`)).body.host).toBe('named-Web')
    const found = async (text: string) =>
      (await call('GET', `operations?text=${encodeURIComponent(text)}`)).body.items.map(
        ({ number }: { number: number }) => number,
      )
    expect(await found('NAMED-')).toEqual([db, web])
    expect(await found('ed-web')).toEqual([web])
    // no pattern: what stands for any character elsewhere is itself here
    expect(await found('db_')).toEqual([db])
    expect(await found('named_web')).toEqual([])
    expect(await found('%')).toEqual([])

    const [template, offering, instance] = [randomUUID(), randomUUID(), randomUUID()]
    const { pool } = fixture()
    await pool.query(
      `insert into template (id, name, url, image, os_family, architecture) values ($1, 'of-gone', 'u', 'u/j', 'ubuntu', 'amd64')`,
      [template],
    )
    await pool.query(
      `insert into offering (id, name, cpu_count, cpu_speed_mhz, memory_mib, host_tags, architecture, match, bond_mode)
       values ($1, 'of-gone', 1, 0, 1, '{}', 'amd64', 'equal', 'active-backup')`,
      [offering],
    )
    await pool.query(
      `insert into instance (id, name, state, template_id, offering_id, nics, hostname, destroyed_at)
       values ($1, 'named-gone', 'destroyed', $2, $3, '[]', 'gone', now())`,
      [instance, template, offering],
    )
    await pool.query('update operation set instance_id = $1, host_id = $2 where number = $3', [
      instance,
      randomUUID(),
      web,
    ])
    expect(await found('gone')).toEqual([web])
    const { body } = await call('GET', `operations?instanceId=${instance}`)
    expect(body.items).toMatchObject([{ number: web, host: null, instance: 'named-gone' }])
  })

  test('a process that dies between the commit and its answer: the same key finds the operation', async () => {
    const { db } = fixture().services.tools
    const { transaction } = db
    const dying = async (ask: () => ReturnType<typeof call>) => {
      db.transaction = async (work) => {
        await transaction(work)
        db.transaction = transaction
        throw new Error('the process died here')
      }
      expect((await ask()).status).toBe(500)
    }
    const operations = async () => (await call('GET', 'operations?limit=500')).body.items.length
    const from = await operations()
    const headers = { 'idempotency-key': randomUUID() }
    const add = () => call('POST', 'hosts', { body: newHost('dies', 31), headers })
    await dying(add)
    expect(await operations()).toBe(from + 1)

    const first = await add()
    expect(first.status).toBe(202)
    expect(first.body).toMatchObject({
      host: { name: 'dies' },
      operation: { kind: 'enlist', state: 'queued' },
    })
    expect(first.headers.location).toBe(`/api/v1/operations/${first.body.operation.id}`)
    expect((await add()).body.operation.id).toBe(first.body.operation.id)
    expect(await operations()).toBe(from + 1)
    const other = await call('POST', 'hosts', { body: newHost('lives', 32), headers })
    expect([other.status, other.body.code]).toEqual([409, 'idempotency-mismatch'])

    // what the operation was about is gone meanwhile: its end says why
    const gone = { 'idempotency-key': randomUUID() }
    const lose = () => call('POST', 'hosts', { body: newHost('goes', 33), headers: gone })
    await dying(lose)
    await fixture().pool.query("delete from hold using host where host.id = host_id and name = 'goes'")
    await fixture().pool.query("delete from host where name = 'goes'")
    expect((await lose()).body).toMatchObject({
      code: 'not-found',
      detail: expect.stringMatching(/began enlist \d+/),
    })
    expect(await operations()).toBe(from + 2)
  })

  test('two replicas with one request at once: one operation, and the other is told', async () => {
    const caller: Caller = { name: 'the-admin', role: 'admin', request: { key: randomUUID(), hash: 'h' } }
    const both = await Promise.allSettled([
      addHost(fixture().services, caller, { ...newHost('twin1', 41), cpuSpeedMhz: 0, tags: [] }),
      addHost(fixture().services, caller, { ...newHost('twin2', 42), cpuSpeedMhz: 0, tags: [] }),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find((one) => one.status === 'rejected')?.reason).toBeInstanceOf(RepeatedRequest)
    const names = (await call('GET', 'hosts?limit=500')).body.items.map((one: { name: string }) => one.name)
    expect(names.filter((name: string) => name.startsWith('twin'))).toHaveLength(1)
  })

  test('an error is not remembered: the same key works once the cause is gone', async () => {
    expect((await call('POST', 'networks', { body: { name: 'first', vlan: 100 } })).status).toBe(201)
    const headers = { 'idempotency-key': randomUUID() }
    const taken = { name: 'late', vlan: 100 }
    expect((await call('POST', 'networks', { body: taken, headers })).status).toBe(409)
    expect((await call('DELETE', 'networks/first')).status).toBe(204)
    expect((await call('POST', 'networks', { body: taken, headers })).status).toBe(201)
  })

  test('two hosts with one BMC or one MAC, data disks and VLANs out of range are refused', async () => {
    const sameBmc = { ...newHost('four', 24), bmc: newHost('one', 21).bmc }
    expect((await call('POST', 'hosts', { body: sameBmc })).body).toMatchObject({
      code: 'conflict',
      details: { field: 'bmc.address' },
    })
    const sameMac = { ...newHost('four', 24), bootMac: newHost('one', 21).bootMac }
    expect((await call('POST', 'hosts', { body: sameMac })).body.details.field).toBe('bootMac')
    const disks = { name: 'i', template: 't', offering: 'o', nics: [], dataDisks: [{}] }
    expect((await call('POST', 'instances', { body: disks })).body.code).toBe('data-disk-refused')
    const vlan = await call('POST', 'networks', { body: { name: 'far', vlan: 4095 } })
    expect(vlan.body.details.faults[0].path).toBe('body/vlan')
  })
})
