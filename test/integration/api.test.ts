import { describe, expect, test } from 'vitest'
import { FerruleError } from '../../src/domain/errors.ts'
import { apiForTests, newHost } from '../support/api-call.ts'

const { fixture, call } = apiForTests()

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
    const { reader } = fixture().tokens
    expect((await call('GET', 'hosts', { token: reader })).status).toBe(200)
    const refused = await call('POST', 'networks', { token: reader, body: { name: 'n', vlan: 100 } })
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden'])
    expect((await call('GET', 'networks')).body.items).toEqual([])
  })

  test('CloudStack acts on instances and networks only', async () => {
    const { cloudstack } = fixture().tokens
    expect((await call('POST', 'hosts', { token: cloudstack, body: newHost('h', 9) })).status).toBe(403)
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
    const api = await fixture().another(new FerruleError('recovery-mode', 'older than the world', 'Restore.'))
    const headers = { authorization: `Bearer ${fixture().tokens.admin}` }
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
      body: { ...newHost('bad name', 1), bootMac: 'nonsense', cpuCount: 0, colour: 'red' },
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
    expect(fixture().logged.find((line) => line.data.id === id)?.data.error).toContain('must not reach MAAS')
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
