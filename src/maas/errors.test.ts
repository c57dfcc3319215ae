import { afterEach, describe, expect, test } from 'vitest'
import type { FerruleError } from '../domain/errors.ts'
import { testLease } from './test-support/lease.ts'
import { capture, KEY, type Recorded, type Reply, recordedMaas } from './test-support/recorded-maas.ts'
import type { Maas } from './types.ts'

const running: Recorded[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()))
})

async function maasThat(...replies: Reply[]): Promise<Recorded> {
  const recorded = await recordedMaas(replies)
  running.push(recorded)
  return recorded
}

const lease = testLease()
const power = { type: 'ipmi' as const, address: '10.0.0.9', username: 'u', password: 'hunter2' }
const create = (maas: Maas) =>
  maas.createMachine(lease, {
    hostname: 'cap52798x',
    architecture: 'amd64/generic',
    macs: ['52:54:00:7e:6f:01'],
    power,
  })

async function refused(call: Promise<unknown>): Promise<FerruleError> {
  return call.then(
    () => expect.fail('it was not refused'),
    (error: FerruleError) => error,
  )
}

describe('what MAAS refuses, as it refuses it', () => {
  test.each<[string, string, (maas: Maas) => Promise<unknown>, string, RegExp]>([
    [
      'a bad key',
      '03',
      (maas) => maas.machines(),
      'maas-auth',
      /list machines: 401 Authorization Error: Invalid API key\./,
    ],
    [
      'a MAC in use',
      '05',
      create,
      'maas-refused',
      /create machine cap52798x: 400 mac_addresses: MAC address 52:54:00:7e:6f:01 already in use on cap52798\./,
    ],
    [
      'a bad architecture',
      '06',
      create,
      'maas-refused',
      /architecture: 'foo\/bar' is not a valid architecture/,
    ],
    [
      'an unknown machine',
      '11',
      (maas) => maas.machine('zzzzzz'),
      'not-found',
      /show machine zzzzzz: 404 No Machine matches/,
    ],
    [
      'commission in a wrong state',
      '13',
      (maas) => maas.commission(lease, 'ap4f6s'),
      'maas-refused',
      /commission machine ap4f6s: 400 Commission is not available/,
    ],
    [
      'allocate of a taken machine',
      '29',
      (maas) => maas.allocate(lease, { systemId: 'ap4f6s', agentName: 'a', comment: 'c' }),
      'maas-state',
      /allocate machine ap4f6s: 409 No machine with system ID ap4f6s available/,
    ],
    [
      'a bad image',
      '30',
      (maas) => maas.deploy(lease, 'ap4f6s', { distroSeries: 'nonesuch', userData: '', comment: '' }),
      'maas-refused',
      /distro_series: 'nonesuch' is not a valid distro_series/,
    ],
    [
      'deploy while deploying',
      '32',
      (maas) => maas.deploy(lease, 'ap4f6s', { distroSeries: 'jammy', userData: '', comment: '' }),
      'maas-state',
      /Can't deploy a machine that is in the 'Deploying' state/,
    ],
    [
      'an interface write while deploying',
      '33',
      (maas) => maas.setInterfaceVlan(lease, 'ap4f6s', 21, 1),
      'maas-state',
      /Cannot update interface/,
    ],
    [
      'a locked machine',
      '39',
      (maas) => maas.release(lease, 'ap4f6s', { comment: '' }),
      'maas-refused',
      /release machine ap4f6s: 403, without a word/,
    ],
    [
      'release while erasing',
      '43',
      (maas) => maas.release(lease, 'ap4f6s', { comment: '' }),
      'maas-state',
      /Machine cannot be released in its current state \('Disk erasing'\)/,
    ],
    [
      'mark broken by a stranger',
      '49',
      (maas) => maas.markBroken(lease, 'ap4f6s', 'x'),
      'maas-refused',
      /mark broken machine ap4f6s: 403/,
    ],
  ])('%s', async (_, number, call, code, message) => {
    const recorded = await maasThat(capture(number).response)
    const error = await refused(call(recorded.maas))
    expect(error).toMatchObject({ name: 'FerruleError', code })
    expect(error.message).toMatch(message)
    expect(error.remedy).not.toBe('')
    expect(recorded.seen).toHaveLength(1)
  })

  test('no message carries a part of the key or a password', async () => {
    for (const number of ['03', '05', '39']) {
      const error = await refused(create((await maasThat(capture(number).response)).maas))
      for (const secret of ['hunter2', ...KEY.split(':')])
        expect(JSON.stringify(error.toBody())).not.toContain(secret)
    }
  })

  const conflictPage: Reply = {
    status: 409,
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Retry-After': '5' },
    body: '<html><style>p{}</style><p>Conflict error. Try your request again</p></html>',
  }

  test('the conflict page means a known BMC at creation, and "again" elsewhere', async () => {
    const atCreation = await refused(create((await maasThat(conflictPage)).maas))
    expect(atCreation).toMatchObject({ code: 'maas-refused' })
    expect(atCreation.message).toContain(
      '409 Conflict error. Try your request again (a machine with this BMC',
    )
    const elsewhere = await refused((await maasThat(conflictPage)).maas.abort(lease, 'ap4f6s', ''))
    expect(elsewhere).toMatchObject({ code: 'maas-unreachable', details: { retryAfter: '5' } })
  })

  test('a BMC that MAAS cannot reach is a power state, not an error', async () => {
    const recorded = await maasThat({
      status: 504,
      headers: { 'Content-Type': 'text/plain' },
      body: 'Timeout',
    })
    expect(await recorded.maas.queryPower('ap4f6s')).toBe('error')
    expect(recorded.seen).toHaveLength(1)
  })

  test('a foreign page is not taken for MAAS', async () => {
    const recorded = await maasThat({
      status: 200,
      headers: { 'Content-Type': 'text/html' },
      body: '<h1>Welcome to the proxy</h1>',
    })
    const error = await refused(recorded.maas.machine('abc'))
    expect(error).toMatchObject({ code: 'maas-refused' })
    expect(error.message).toContain('Welcome to the proxy')
  })
})

describe('when MAAS does not answer', () => {
  const busy: Reply = {
    status: 503,
    headers: { 'Content-Type': 'text/plain', 'Retry-After': '10' },
    body: 'busy',
  }

  test('a read is tried again', async () => {
    const recorded = await maasThat('hang up', busy, capture('14').response)
    expect((await recorded.maas.machine('ap4f6s')).status).toBe('Ready')
    expect(recorded.seen).toHaveLength(3)
  })

  test('a read whose answer breaks off is tried again', async () => {
    const recorded = await maasThat('half', capture('14').response)
    expect((await recorded.maas.machine('ap4f6s')).status).toBe('Ready')
    expect(recorded.seen).toHaveLength(2)
  })

  test('a write that gets no answer in its time may have happened', async () => {
    const silent = await recordedMaas(['nothing'], { timeouts: { write: 100 } })
    running.push(silent)
    const error = await refused(silent.maas.abort(lease, 'ap4f6s', ''))
    expect(error).toMatchObject({ code: 'maas-unreachable', details: { mayHaveHappened: true } })
    expect(error.message).toContain('the time is over')
    expect(silent.seen).toHaveLength(1)
  })

  test('a lease that is lost under way says so', async () => {
    const silent = await maasThat('nothing')
    const lost = testLease()
    const aborted = silent.maas.abort(lost, 'ap4f6s', '')
    setTimeout(() => lost.lose(), 50)
    await expect(aborted).rejects.toThrow('lease lost')
  })

  test('a read gives up after three more tries', async () => {
    const recorded = await maasThat(busy)
    expect(await refused(recorded.maas.machine('ap4f6s'))).toMatchObject({ code: 'maas-unreachable' })
    expect(recorded.seen).toHaveLength(4)
  })

  test.each<[string, Reply]>([
    ['cut off', 'hang up'],
    ['answered by half', 'half'],
    ['answered 503', busy],
  ])('a write that is %s is never repeated: it may have happened', async (_, reply) => {
    const recorded = await maasThat(reply, capture('31').response)
    const error = await refused(
      recorded.maas.deploy(lease, 'ap4f6s', { distroSeries: 'jammy', userData: '', comment: '' }),
    )
    expect(error.code).toBe('maas-unreachable')
    expect(error.remedy).toContain('may have happened')
    expect(recorded.seen).toHaveLength(1)
  })

  test('nonces are never used twice, not even by a repeated read', async () => {
    const recorded = await maasThat(busy)
    await refused(recorded.maas.machine('ap4f6s'))
    const nonces = recorded.seen.map(
      (one) => /oauth_nonce="([^"]+)"/.exec(one.headers.authorization ?? '')?.[1],
    )
    expect(new Set(nonces).size).toBe(4)
    expect(recorded.seen[0]?.headers.authorization).toContain('oauth_signature="%26secretpart"')
  })

  test('the next region controller is asked; for a write only when nobody listened at the first', async () => {
    const dead = await recordedMaas([busy])
    await dead.stop()
    const alive = await maasThat(capture('31').response)
    const both = await recordedMaas([busy], { url: `${dead.url},${alive.url}` })
    running.push(both)
    await both.maas.deploy(lease, 'ap4f6s', { distroSeries: 'jammy', userData: '', comment: '' })
    expect(alive.seen).toHaveLength(1)

    const dropping = await maasThat('hang up')
    const other = await maasThat(capture('31').response)
    const mixed = await recordedMaas([busy], { url: `${dropping.url},${other.url}` })
    running.push(mixed)
    await refused(mixed.maas.deploy(lease, 'ap4f6s', { distroSeries: 'jammy', userData: '', comment: '' }))
    expect(other.seen).toHaveLength(0)
    expect(await mixed.maas.machine('ap4f6s')).toMatchObject({ systemId: 'ap4f6s' })
    expect(other.seen).toHaveLength(1)
  })

  test('a write without a lease does not leave', async () => {
    const recorded = await maasThat(capture('31').response)
    const lost = testLease()
    lost.lose()
    await expect(recorded.maas.abort(lost, 'ap4f6s', '')).rejects.toThrow('lease lost')
    expect(recorded.seen).toHaveLength(0)
  })
})
