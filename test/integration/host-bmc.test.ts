import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { FerruleError } from '../../src/domain/errors.ts'
import { createBmcSessions } from '../../src/store/bmc-sessions.ts'
import { setBmcFound } from '../../src/store/host-bmc.ts'
import { migration0001 } from '../../src/store/migrations/0001-records.ts'
import { migration0003 } from '../../src/store/migrations/0003-bmc-protocols.ts'
import { createPersonDesk } from '../../src/store/person.ts'
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
}, 60_000)
afterAll(() => fixture?.stop())

async function call(
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  body?: object,
  role: 'admin' | 'reader' = 'admin',
) {
  const answer = await fixture.api.inject({
    method,
    url: `/api/v1/${path}`,
    headers: { authorization: `Bearer ${fixture.tokens[role]}`, 'content-type': 'application/json' },
    ...(body ? { payload: JSON.stringify(body) } : {}),
  })
  return { status: answer.statusCode, body: answer.json(), text: answer.body }
}

let number = 20
async function add(
  bmc: object,
): Promise<{ status: number; body: { host: { id: string; name: string } } & FerruleError }> {
  number += 1
  return call('POST', 'hosts', {
    name: `h${number}`,
    bmc,
    bootMac: `52:54:00:00:00:${number.toString(16)}`,
    cpuCount: 8,
    memoryMib: 1024,
  })
}

const reached = () => ({ address: `10.0.0.${number + 1}`, username: 'admin', password: 'hunter2secret' })
const fingerprint = `${'A1:'.repeat(31)}B2`
const sshKey = `a+/${'Z9'.repeat(20)}`

/** As after its enlistment: no operation has it. */
async function idle(id: string): Promise<void> {
  await fixture.pool.query('delete from hold where host_id = $1', [id])
}

async function added(bmc: object): Promise<{ id: string; name: string }> {
  const { host } = (await add(bmc)).body
  await idle(host.id)
  return host
}

describe('adding a host', () => {
  test('takes protocol auto, and shows how its BMC is reached, without a secret', async () => {
    const { name } = await added({
      ...reached(),
      kg: 'a1b2c3',
      system: 'node-1',
      fingerprint,
      sshFingerprint: `${sshKey}=`,
    })
    const shown = await call('GET', `hosts/${name}`)
    expect(shown.body.bmc).toEqual({
      address: `10.0.0.${number}`,
      username: 'admin',
      protocol: 'auto',
      found: null,
      fingerprint: fingerprint.replaceAll(':', '').toLowerCase(),
      sshFingerprint: `SHA256:${sshKey}`,
      system: 'node-1',
      kg: true,
    })
    expect(shown.text).not.toMatch(/hunter2secret|a1b2c3/)
    const { rows } = await fixture.pool.query(
      'select bmc_kg_sealed, bmc_password_sealed from host where name = $1',
      [name],
    )
    expect(rows[0]).toEqual({ bmc_kg_sealed: 'sealed:6', bmc_password_sealed: 'sealed:13' })
  })

  test.each(['maas', 'manual'])(
    'protocol %s needs no BMC, and many hosts may have none',
    async (protocol) => {
      for (const _ of [1, 2]) expect((await add({ protocol })).status).toBe(202)
    },
  )

  test.each([
    [{ protocol: 'ipmi' }, 'bmc.address'],
    [{ address: '10.9.9.9', username: 'u' }, 'bmc.password'],
    [{ address: '10.9.9.9', username: 'u', password: 'p', protocol: 'ipmi', fingerprint }, 'bmc.fingerprint'],
    [
      { address: '10.9.9.9', username: 'u', password: 'p', fingerprint: `${'ab'.repeat(31)}:::` },
      'fingerprint',
    ],
    [
      { address: '10.9.9.9', username: 'u', password: 'p', protocol: 'ipmi', sshFingerprint: sshKey },
      'bmc.sshFingerprint',
    ],
  ])('%j is refused, naming %s', async (bmc, field) => {
    const refused = await add(bmc)
    expect([refused.status, refused.body.code, refused.body.details.field]).toEqual([
      400,
      'invalid-input',
      field,
    ])
  })
})

describe('changing how a BMC is reached', () => {
  test('a trusted certificate is kept, written in one way', async () => {
    const { name } = await added(reached())
    const trusted = await call('POST', `hosts/${name}/trust`, { fingerprint })
    expect(trusted.body.bmc.fingerprint).toBe(fingerprint.replaceAll(':', '').toLowerCase())
    expect((await call('POST', `hosts/${name}/trust`, { fingerprint }, 'reader')).status).toBe(403)
  })

  test('a trusted SSH host key is kept, told in the log of events, taken back, and forgotten with the address', async () => {
    const { name } = await added({ ...reached(), sshFingerprint: sshKey })
    const patch = async (change: object) =>
      (await call('PATCH', `hosts/${name}/bmc`, change)).body.bmc.sshFingerprint
    const other = `SHA256:${'b'.repeat(43)}`
    expect(await patch({ username: 'other' })).toBe(`SHA256:${sshKey}`)
    expect(await patch({ sshFingerprint: other })).toBe(other)
    const { rows } = await fixture.pool.query(
      `select data from event where kind = 'host.bmc' and data ? 'sshFingerprint'`,
    )
    expect(rows.at(-1)?.data).toEqual({ sshFingerprint: other, sshBefore: `SHA256:${sshKey}` })
    expect(await patch({ sshFingerprint: null })).toBeNull()
    await patch({ sshFingerprint: other })
    expect(await patch({ address: '10.0.7.8' })).toBeNull()
    await patch({ sshFingerprint: other })
    expect(await patch({ protocol: 'ipmi' })).toBeNull()
    const wrong = await call('PATCH', `hosts/${name}/bmc`, { protocol: 'redfish', sshFingerprint: 'MD5:aa' })
    expect(wrong.status).toBe(400)
  })

  test('what is not said stays; a new address is another BMC, whose certificate nobody has trusted', async () => {
    const { id, name } = await added({ ...reached(), fingerprint, system: '1' })
    await setBmcFound(fixture.services.tools.db, id, 'redfish')
    const user = await call('PATCH', `hosts/${name}/bmc`, { username: 'other', password: 'new' })
    expect(user.body.bmc).toMatchObject({ username: 'other', system: '1', found: null })
    expect(user.body.bmc.fingerprint).not.toBeNull()
    const moved = await call('PATCH', `hosts/${name}/bmc`, { address: '10.0.7.7:623' })
    expect(moved.body.bmc).toMatchObject({ address: '10.0.7.7', fingerprint: null, system: null })
    const ipmi = await call('PATCH', `hosts/${name}/bmc`, { protocol: 'ipmi', kg: 'ff' })
    expect(ipmi.body.bmc).toMatchObject({ protocol: 'ipmi', kg: true })
    expect((await call('PATCH', `hosts/${name}/bmc`, { kg: null })).body.bmc.kg).toBe(false)
    expect((await call('POST', `hosts/${name}/trust`, { fingerprint })).status).toBe(400)
  })

  test('two hosts cannot have one BMC, and an operation does not get another machine under it', async () => {
    const first = await added(reached())
    const second = (await add(reached())).body.host
    const taken = await call('GET', `hosts/${first.name}`)
    const refused = await call('PATCH', `hosts/${second.name}/bmc`, { address: taken.body.bmc.address })
    expect([refused.status, refused.body.code]).toEqual([409, 'held'])
    expect((await call('PATCH', `hosts/${second.name}/bmc`, { password: 'right at last' })).status).toBe(200)
    await idle(second.id)
    const again = await call('PATCH', `hosts/${second.name}/bmc`, { address: taken.body.bmc.address })
    expect([again.status, again.body.code]).toEqual([409, 'conflict'])
  })

  test('systems of one BMC are hosts of their own', async () => {
    const bmc = { ...reached(), protocol: 'redfish' }
    for (const system of ['node-1', 'node-2']) expect((await add({ ...bmc, system })).status).toBe(202)
    const twice = await add({ ...bmc, system: 'node-2' })
    expect([twice.status, twice.body.code, twice.body.details.field]).toEqual([
      409,
      'conflict',
      'bmc.address',
    ])
  })

  test('from a person to a BMC needs all that reaches it', async () => {
    const { name } = await added({ protocol: 'manual' })
    expect((await call('PATCH', `hosts/${name}/bmc`, { protocol: 'ipmi' })).body.details.field).toBe(
      'bmc.address',
    )
    const { address, username } = reached()
    const without = await call('PATCH', `hosts/${name}/bmc`, { protocol: 'ipmi', address, username })
    expect(without.body.details.field).toBe('bmc.password')
  })
})

describe("a person's word", () => {
  let host: { id: string; name: string }
  const desk = () => createPersonDesk(fixture.services.tools.db)
  beforeEach(async () => {
    host = (await add({ protocol: 'manual' })).body.host
  })

  test('is refused where a BMC can be asked', async () => {
    const { name } = await added(reached())
    const refused = await call('POST', `hosts/${name}/confirm-power`, { power: 'off' })
    expect([refused.status, refused.body.code]).toEqual([409, 'wrong-state'])
    const maas = await added({ protocol: 'maas' })
    expect((await call('POST', `hosts/${maas.name}/confirm-power`, { power: 'off' })).status).toBe(409)
    expect(
      (await call('POST', `hosts/${maas.name}/confirm-boot-device`, { bootDevice: 'disk' })).status,
    ).toBe(200)
  })

  test('counts, with its age and with who said it', async () => {
    expect(await desk().look(host.id, 'power')).toEqual({ word: null, question: null })
    await call('POST', `hosts/${host.name}/confirm-power`, { power: 'off' })
    const { word } = await desk().look(host.id, 'power')
    expect(word?.says).toBe('off')
    expect(word?.ageMs).toBeLessThan(5000)
    const { rows } = await fixture.pool.query(
      `select message from event where host_id = $1 and kind = 'host.confirmed'`,
      [host.id],
    )
    expect(rows).toEqual([{ message: `the-admin says: power of ${host.name} is off` }])
  })

  test('no longer counts once something is asked for; the question is shown until it is answered', async () => {
    await call('POST', `hosts/${host.name}/confirm-power`, { power: 'off' })
    const holder = await desk().holder(host.id)
    await desk().ask(host.id, 'power', `Switch ${host.name} on.`, String(holder))
    expect(await desk().look(host.id, 'power')).toEqual({ word: null, question: `Switch ${host.name} on.` })
    const waiting = await call('GET', `hosts/${host.name}`)
    expect(waiting.body.attention).toMatchObject({
      code: 'person-needed',
      message: `Switch ${host.name} on.`,
      remedy: expect.stringContaining(`ferrule host confirm-power ${host.name} on|off`),
    })
    const why = await call('GET', `why/host/${host.name}`)
    expect(why.body).toMatchObject({ well: false, blocks: `Switch ${host.name} on.` })
    expect(why.body.action).toContain('confirm-power')
    await call('POST', `hosts/${host.name}/confirm-power`, { power: 'on' })
    expect((await call('GET', `hosts/${host.name}`)).body.attention).toBeNull()
    expect((await desk().look(host.id, 'power')).word?.says).toBe('on')
  })

  test('the same question again does not outdate an answer that is on its way; a new one does', async () => {
    const holder = String(await desk().holder(host.id))
    await desk().ask(host.id, 'power', 'Switch it off.', holder)
    const first = await fixture.pool.query('select asked_at from person_word where host_id = $1', [host.id])
    await desk().ask(host.id, 'power', 'Switch it off.', holder)
    const second = await fixture.pool.query('select asked_at from person_word where host_id = $1', [host.id])
    expect(second.rows).toEqual(first.rows)
    await call('POST', `hosts/${host.name}/confirm-power`, { power: 'off' })
    await desk().ask(host.id, 'power', 'Switch it off.', holder)
    expect((await desk().look(host.id, 'power')).word).toBeNull()
  })

  test('a question of an operation that is over is nobody’s any more; what was said before it is still outdated', async () => {
    await call('POST', `hosts/${host.name}/confirm-power`, { power: 'off' })
    await desk().ask(host.id, 'power', 'Switch it on.', String(await desk().holder(host.id)))
    await idle(host.id)
    expect((await call('GET', `hosts/${host.name}`)).body.attention).toBeNull()
    expect(await desk().look(host.id, 'power')).toEqual({ word: null, question: null })
  })
})

test('sessions on a BMC are leaked when their replica is dead, and only then', async () => {
  const { db } = fixture.services.tools
  await fixture.pool.query(
    `insert into replica (executor, refs, beat) values ('alive', '{}', now()), ('dead', '{}', now() - interval '1 hour')`,
  )
  for (const executor of ['alive', 'dead', 'gone']) {
    await createBmcSessions(db, executor, 10_000).opened('10.0.0.1:443', `/sessions/${executor}`)
  }
  const book = createBmcSessions(db, 'me', 10_000)
  await book.opened('10.0.0.1:443', '/sessions/me')
  expect((await book.leaked('10.0.0.1:443')).sort()).toEqual(['/sessions/dead', '/sessions/gone'])
  expect(await book.leaked('10.0.0.2:443')).toEqual([])
  await book.closed('10.0.0.1:443', '/sessions/dead')
  expect(await book.leaked('10.0.0.1:443')).toEqual(['/sessions/gone'])
})

test('hosts that were there before the protocols are IPMI’s', async () => {
  const client = await fixture.pool.connect()
  try {
    await client.query('create schema older')
    await client.query('set search_path to older')
    await client.query(migration0001)
    await client.query(
      `insert into host (id, name, bmc_address, bmc_username, bmc_password_sealed, boot_mac, cpu_count, cpu_speed_mhz, memory_mib, architecture)
       values (gen_random_uuid(), 'old', '10.0.0.1', 'admin', 'x', 'm', 1, 1, 1, 'amd64')`,
    )
    await client.query(migration0003)
    const { rows } = await client.query('select bmc_protocol, bmc_fingerprint from host')
    expect(rows).toEqual([{ bmc_protocol: 'ipmi', bmc_fingerprint: null }])
  } finally {
    await client.query('drop schema older cascade')
    client.release(true)
  }
})
