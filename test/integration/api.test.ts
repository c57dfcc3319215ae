import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FerruleError } from '../../src/domain/errors.ts'
import type { Caller } from '../../src/services/context.ts'
import { addHost } from '../../src/services/hosts.ts'
import { RepeatedRequest } from '../../src/services/requests.ts'
import { sagas } from '../../src/workflows/catalogue.ts'
import { type ApiFixture, startApi } from '../support/api-fixture.ts'

let fixture: ApiFixture

beforeAll(async () => {
  fixture = await startApi()
  // a running replica that knows every saga: without one no operation may begin
  await fixture.pool.query(
    "insert into replica (executor, refs, beat) values ('test', $1, now() + interval '1 day')",
    [sagas.map((saga) => saga.ref)],
  )
})

afterAll(async () => {
  await fixture?.stop()
})

interface Call {
  token?: string | null
  body?: unknown
  type?: string
  headers?: Record<string, string>
}

async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, options: Call = {}) {
  const token = options.token === undefined ? fixture.tokens.admin : options.token
  const answer = await fixture.api.inject({
    method,
    url: path.startsWith('/') ? path : `/api/v1/${path}`,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(options.body === undefined ? {} : { 'content-type': options.type ?? 'application/json' }),
      ...options.headers,
    },
    ...(options.body === undefined
      ? {}
      : { payload: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
  })
  const json = answer.headers['content-type']?.toString().includes('json') ? answer.json() : null
  return { status: answer.statusCode, headers: answer.headers, body: json, text: answer.body }
}

const host = (name: string, number: number) => ({
  name,
  bmc: { address: `10.0.0.${number}`, username: 'admin', password: 'hunter2secret' },
  bootMac: `52:54:00:00:00:${number.toString(16).padStart(2, '0')}`,
  cpuCount: 8,
  memoryMib: 32768,
})

describe('who may ask', () => {
  test('health and the OpenAPI document need no token', async () => {
    expect((await call('GET', 'health', { token: null })).body).toMatchObject({ status: 'ok', enabled: true })
    expect((await call('GET', 'openapi.json', { token: null })).body.openapi).toBe('3.1.0')
  })

  test('everything else refuses a missing and an unknown token', async () => {
    for (const token of [null, 'frl_nonsense']) {
      const refused = await call('GET', 'hosts', { token })
      expect(refused.status).toBe(401)
      expect(refused.headers['content-type']).toMatch(/^application\/problem\+json/)
      expect(refused.headers['www-authenticate']).toBe('Bearer')
      expect(refused.body.code).toBe('unauthenticated')
    }
  })

  test('a reader reads and changes nothing', async () => {
    const { reader } = fixture.tokens
    expect((await call('GET', 'hosts', { token: reader })).status).toBe(200)
    const refused = await call('POST', 'networks', { token: reader, body: { name: 'n', vlan: 100 } })
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden'])
    expect((await call('GET', 'networks')).body.items).toEqual([])
  })

  test('CloudStack acts on instances and networks only', async () => {
    const { cloudstack } = fixture.tokens
    expect((await call('POST', 'hosts', { token: cloudstack, body: host('h', 9) })).status).toBe(403)
    expect((await call('POST', 'instances/nowhere/start', { token: cloudstack })).status).toBe(404)
    expect((await call('GET', 'tokens', { token: cloudstack })).status).toBe(403)
  })

  test('a token is shown once, works, and ends with its removal', async () => {
    const made = await call('POST', 'tokens', { body: { name: 'grafana', role: 'reader' } })
    expect(made.status).toBe(201)
    const { token } = made.body
    expect(token).toMatch(/^frl_/)
    expect((await call('GET', 'settings', { token })).body).toEqual({ installation: 'test' })
    expect((await call('GET', 'tokens')).text).not.toContain(token)
    expect((await call('DELETE', 'tokens/grafana')).status).toBe(204)
    expect((await call('GET', 'settings', { token })).status).toBe(401)
  })

  test('in recovery mode every call but health says why', async () => {
    const api = await fixture.another(new FerruleError('recovery-mode', 'older than the world', 'Restore.'))
    const headers = { authorization: `Bearer ${fixture.tokens.admin}` }
    const refused = await api.inject({ url: '/api/v1/hosts', headers })
    expect([refused.statusCode, refused.json().code]).toEqual([503, 'recovery-mode'])
    expect((await api.inject({ url: '/api/v1/health' })).json().status).toBe('recovery')
    expect((await api.inject({ url: '/api/v1/openapi.json' })).statusCode).toBe(200)
    await api.close()
  })
})

describe('refused input', () => {
  test('every fault is told with its path', async () => {
    const refused = await call('POST', 'hosts', {
      body: { ...host('bad name', 1), bootMac: 'nonsense', cpuCount: 0, colour: 'red' },
    })
    expect(refused.status).toBe(400)
    expect(refused.body).toMatchObject({
      type: 'urn:ferrule:problem:invalid-input',
      code: 'invalid-input',
      instance: '/api/v1/hosts',
    })
    const paths = refused.body.details.faults.map((fault: { path: string }) => fault.path)
    expect(paths).toEqual(expect.arrayContaining(['body/name', 'body/bootMac', 'body/cpuCount']))
    expect(refused.text).toContain('colour')
    expect(refused.body.remedy).not.toBe('')
  })

  test('unknown paths, wrong methods, bad JSON, wrong types, large bodies and odd URLs', async () => {
    const codes = async (answer: ReturnType<typeof call>) => {
      const { status, body } = await answer
      return [status, body.code]
    }
    expect(await codes(call('GET', '/nowhere'))).toEqual([404, 'not-found'])
    const wrong = await call('DELETE', 'hosts')
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET, POST'])
    expect(await codes(call('POST', 'networks', { body: '{"name":' }))).toEqual([400, 'invalid-input'])
    expect(await codes(call('POST', 'networks', { body: 'name=x', type: 'text/plain' }))).toEqual([
      415,
      'unsupported-media-type',
    ])
    expect(await codes(call('POST', 'networks', { body: `"${'x'.repeat(2 ** 20)}"` }))).toEqual([
      413,
      'payload-too-large',
    ])
    expect(await codes(call('GET', 'hosts/%zz'))).toEqual([400, 'invalid-input'])
    expect(await codes(call('GET', 'hosts?limit=501'))).toEqual([400, 'invalid-input'])
    expect(await codes(call('GET', 'hosts?nonsense=1'))).toEqual([400, 'invalid-input'])
  })

  test.each([
    'hosts/00000000-0000-0000-0000-00000000000-',
    'instances/aaaaaaaa---------------------------a',
    'hosts/11111111-1111-1111-1111-111111111111',
    'operations/999999999999999',
    'operations/11111111-1111-1111-1111-111111111111',
    'why/host/aaaaaaaa---------------------------a',
  ])('%s names nothing', async (path) => {
    expect((await call('GET', path)).status).toBe(404)
  })

  test('NUL and half surrogate pairs get no further than the door', async () => {
    for (const bad of ['a\0b', 'a\ud800b']) {
      const body = JSON.stringify({
        name: 'x',
        template: bad,
        offering: 'o',
        nics: [],
        dataDisks: [{ [bad]: 1 }],
      })
      const refused = await call('POST', 'instances', { body })
      expect([refused.status, refused.body.code]).toEqual([400, 'invalid-input'])
    }
    const deep = `{"name":"x","template":"t","offering":"o","nics":[],"dataDisks":[${'['.repeat(5000)}${']'.repeat(5000)}]}`
    expect((await call('POST', 'instances', { body: deep })).status).toBe(400)
    expect((await call('PUT', 'racks/deep', { body: '['.repeat(200_000), type: 'text/plain' })).status).toBe(
      400,
    )
  })

  test('a switch that cannot be reached as its rack file says is refused with the file', async () => {
    const file = `racks:
  - l2Switch: { ip: 10.0.0.9, username: admin, password: s3cret-no-pem, type: OVS }
    hosts: []
`
    const refused = await call('PUT', 'racks/r9', { body: file, type: 'application/yaml' })
    expect(refused.status).toBe(400)
    expect(refused.body.detail).toContain('line 2 (racks[0].l2Switch): The password of switch 10.0.0.9')
    expect(JSON.stringify(refused.body)).not.toContain('s3cret')
    expect((await call('GET', 'racks/r9')).status).toBe(404)
  })

  test('a rack file keeps its lines: each fault is told with its own', async () => {
    const file = `racks:
  - l2Switch: {ip: 10.1.0.1, username: u, password: p, type: Cisco}
    hosts:
      - {mac: zz, port: 1/1}
`
    const refused = await call('PUT', 'racks/r1', { body: file, type: 'application/yaml' })
    expect(refused.status).toBe(400)
    expect(refused.body.details.faults.map((fault: { line: number }) => fault.line)).toEqual([2, 4])
    const right = file
      .replace('Cisco', 'Force10')
      .replace('zz, port: 1/1', '52:54:00:aa:bb:01, port: 1/1, unit: 3, units: 2')
    const applied = await call('PUT', 'racks/r1', { body: right, type: 'application/yaml' })
    expect(applied.status).toBe(200)
    expect(applied.body.switches[0].ports).toEqual([
      { port: '1/1', member: null, mac: '52:54:00:aa:bb:01', place: { unit: 3, units: 2 } },
    ])
    expect(applied.body.switches[0].place).toBe(null)
    expect((await call('GET', 'racks/r1')).body).toEqual(applied.body)
    expect((await call('DELETE', 'racks/r1')).status).toBe(204)
    expect((await call('GET', 'racks/r1')).status).toBe(404)
  })

  test('what nobody foresaw is a 500 whose id is in the log, without a word of the cause', async () => {
    const refused = await call('POST', 'templates', { body: { name: 'jammy', url: 'ubuntu/jammy' } })
    expect([refused.status, refused.body.code]).toEqual([500, 'internal'])
    expect(refused.text).not.toContain('MAAS')
    const id = refused.body.instance.replace('urn:uuid:', '')
    expect(fixture.logged.find((line) => line.data.id === id)?.data.error).toContain('must not reach MAAS')
  })
})

describe('lists', () => {
  test('pages follow each other without gap or repetition', async () => {
    for (let number = 100; number < 107; number++)
      await call('POST', 'networks', { body: { name: `net-${number}`, vlan: number } })
    const seen: string[] = []
    let next: string | null = null
    do {
      const page = await call('GET', `networks?limit=3${next === null ? '' : `&after=${next}`}`)
      expect(page.body.items.length).toBeLessThanOrEqual(3)
      seen.push(...page.body.items.map((network: { name: string }) => network.name))
      next = page.body.next
    } while (next !== null)
    expect(seen).toEqual([100, 101, 102, 103, 104, 105, 106].map((number) => `net-${number}`))
  })
})

describe('work', () => {
  test('adding a host answers 202 with its operation, and the password is nowhere', async () => {
    const added = await call('POST', 'hosts', { body: host('one', 21) })
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
      call('POST', 'hosts', { body: { ...host(name, number), port: { switch: address, port, unit: 7 } } })
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
      body: { ...host('again', 61), bootMac: '52:54:00:00:00:3c', port: { switch: '10.1.0.9', port: '1/3' } },
    })
    expect(elsewhere.body.detail).toContain('is wired to 10.1.0.9 1/2')
    // several NICs: all of them, or none where one cannot be
    const two = (second: string) =>
      call('POST', 'hosts', {
        body: {
          ...{ ...host('bonded', 62), port: { switch: '10.1.0.9', port: '1/4', unit: 9 } },
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
    const ask = () => call('POST', 'hosts', { body: host('two', 22), headers })
    const [first, second] = await Promise.all([ask(), ask()])
    const third = await ask()
    expect([first.status, second.status, third.status]).toEqual([202, 202, 202])
    expect(second.body).toEqual(first.body)
    expect(third.body).toEqual(first.body)
    expect(third.headers.location).toBe(first.headers.location)
    const other = await call('POST', 'hosts', { body: host('three', 23), headers })
    expect([other.status, other.body.code]).toEqual([409, 'idempotency-mismatch'])
    expect((await call('GET', 'hosts/three')).status).toBe(404)
  })

  test('operations tell by name what they are about, and are found by a part of it; a host that is gone has none', async () => {
    const added = [
      await call('POST', 'hosts', { body: host('named-Web', 51) }),
      await call('POST', 'hosts', { body: host('named-db_1', 52) }),
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
    const { pool } = fixture
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
    const { db } = fixture.services.tools
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
    const add = () => call('POST', 'hosts', { body: host('dies', 31), headers })
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
    const other = await call('POST', 'hosts', { body: host('lives', 32), headers })
    expect([other.status, other.body.code]).toEqual([409, 'idempotency-mismatch'])

    // what the operation was about is gone meanwhile: its end says why
    const gone = { 'idempotency-key': randomUUID() }
    const lose = () => call('POST', 'hosts', { body: host('goes', 33), headers: gone })
    await dying(lose)
    await fixture.pool.query("delete from hold using host where host.id = host_id and name = 'goes'")
    await fixture.pool.query("delete from host where name = 'goes'")
    expect((await lose()).body).toMatchObject({
      code: 'not-found',
      detail: expect.stringMatching(/began enlist \d+/),
    })
    expect(await operations()).toBe(from + 2)
  })

  test('two replicas with one request at once: one operation, and the other is told', async () => {
    const caller: Caller = { name: 'the-admin', role: 'admin', request: { key: randomUUID(), hash: 'h' } }
    const both = await Promise.allSettled([
      addHost(fixture.services, caller, { ...host('twin1', 41), cpuSpeedMhz: 0, tags: [] }),
      addHost(fixture.services, caller, { ...host('twin2', 42), cpuSpeedMhz: 0, tags: [] }),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find((one) => one.status === 'rejected')?.reason).toBeInstanceOf(RepeatedRequest)
    const names = (await call('GET', 'hosts?limit=500')).body.items.map((one: { name: string }) => one.name)
    expect(names.filter((name: string) => name.startsWith('twin'))).toHaveLength(1)
  })

  test('an error is not remembered: the same key works once the cause is gone', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const taken = { name: 'late', vlan: 100 }
    expect((await call('POST', 'networks', { body: taken, headers })).status).toBe(409)
    expect((await call('DELETE', 'networks/net-100')).status).toBe(204)
    expect((await call('POST', 'networks', { body: taken, headers })).status).toBe(201)
  })

  test('two hosts with one BMC or one MAC, data disks and VLANs out of range are refused', async () => {
    const sameBmc = { ...host('four', 24), bmc: host('one', 21).bmc }
    expect((await call('POST', 'hosts', { body: sameBmc })).body).toMatchObject({
      code: 'conflict',
      details: { field: 'bmc.address' },
    })
    const sameMac = { ...host('four', 24), bootMac: host('one', 21).bootMac }
    expect((await call('POST', 'hosts', { body: sameMac })).body.details.field).toBe('bootMac')
    const disks = { name: 'i', template: 't', offering: 'o', nics: [], dataDisks: [{}] }
    expect((await call('POST', 'instances', { body: disks })).body.code).toBe('data-disk-refused')
    const vlan = await call('POST', 'networks', { body: { name: 'far', vlan: 4095 } })
    expect(vlan.body.details.faults[0].path).toBe('body/vlan')
  })
})
