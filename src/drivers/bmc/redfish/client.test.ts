import { afterEach, describe, expect, test } from 'vitest'
import type { FerruleError } from '../../../domain/errors.ts'
import { systemPath } from './testing/fake-resources.ts'
import { problem, user } from './testing/fake-types.ts'
import { type Rig, sessionBook, startRig } from './testing/rig.ts'

let rig: Rig | undefined
afterEach(() => rig?.stop())

async function start(...options: Parameters<typeof startRig>): Promise<Rig> {
  rig = await startRig(...options)
  return rig
}

describe('a session', () => {
  test('is opened once, used for all requests, and deleted at the end', async () => {
    const book = sessionBook()
    const { bmc, fake, driver } = await start({}, { sessions: book })
    await bmc.power()
    await bmc.bootDevice()
    expect(fake.sessions.size).toBe(1)
    expect([...book.open]).toEqual([...fake.sessions.keys()])
    expect(fake.seen.filter((ask) => ask.method === 'POST')).toHaveLength(1)
    expect(fake.seen.some((ask) => ask.headers.authorization !== undefined)).toBe(false)
    await driver.close()
    expect(fake.sessions.size).toBe(0)
    expect(book.open.size).toBe(0)
  })

  test('ends by itself when nobody uses it, and a new one is opened for the next request', async () => {
    const { bmc, fake } = await start({}, { sessionLingerMs: 50 })
    await bmc.power()
    expect(fake.sessions.size).toBe(1)
    await expect.poll(() => fake.sessions.size).toBe(0)
    expect(await bmc.power()).toBe('off')
  })

  test('that the BMC has ended is opened anew, and the request is sent again', async () => {
    const { bmc, fake } = await start()
    await bmc.power()
    fake.sessions.clear()
    expect(await bmc.power()).toBe('off')
    expect(fake.sessions.size).toBe(1)
  })

  test('of a process that died is deleted at the next login', async () => {
    const leaked = '/redfish/v1/SessionService/Sessions/old'
    const book = sessionBook([leaked])
    const { bmc, fake } = await start({}, { sessions: book })
    fake.sessions.set(leaked, 'a token that nobody knows any more')
    await bmc.power()
    expect(fake.sessions.has(leaked)).toBe(false)
    expect(book.open.has(leaked)).toBe(false)
  })

  test('that cannot be remembered is not kept', async () => {
    const sessions = {
      ...sessionBook(),
      opened: async () => Promise.reject(new Error('the database is away')),
    }
    const { bmc, fake } = await start({}, { sessions })
    await expect(bmc.power()).rejects.toThrow('the database is away')
    expect(fake.sessions.size).toBe(0)
  })

  test('is deleted where its absolute Location says, but on this BMC and on no other', async () => {
    const { bmc, fake, driver } = await start()
    fake.answer = (ask, usual) => {
      if (ask.method !== 'POST') return undefined
      const reply = usual()
      const headers = { ...reply.headers, Location: `https://bmc.internal${reply.headers?.Location}` }
      return { ...reply, headers }
    }
    await bmc.power()
    await driver.close()
    expect(fake.sessions.size).toBe(0)
  })

  test('may be named in the body alone', async () => {
    const { bmc, fake, driver } = await start()
    fake.answer = (ask, usual) => {
      if (ask.method !== 'POST') return undefined
      const { 'X-Auth-Token': token = '' } = usual().headers ?? {}
      const uri = [...fake.sessions].find(([, one]) => one === token)?.[0]
      return { status: 201, headers: { 'X-Auth-Token': token }, body: { '@odata.id': uri } }
    }
    await bmc.power()
    await driver.close()
    expect(fake.sessions.size).toBe(0)
  })
})

describe('Basic', () => {
  test('is used where there are no sessions', async () => {
    const { bmc, fake } = await start({ basicOnly: true })
    expect(await bmc.power()).toBe('off')
    expect(fake.seen.some((ask) => ask.method === 'POST')).toBe(false)
  })

  test('is used while all sessions are taken', async () => {
    const { bmc, fake } = await start({ mostSessions: 0 })
    expect(await bmc.power()).toBe('off')
    expect(fake.seen.at(-1)?.headers.authorization).toMatch(/^Basic /)
  })

  test('that meets a full BMC too says so, and nothing of a wrong password', async () => {
    const { bmc, fake } = await start({ mostSessions: 0 })
    fake.answer = (ask) => (ask.headers.authorization ? { status: 401 } : undefined)
    await expect(bmc.power()).rejects.toMatchObject({
      code: 'bmc-unreachable',
      details: { sessionsFull: true },
    })
  })

  test('is used where a session comes without a token', async () => {
    const { bmc, fake } = await start()
    fake.answer = (ask) => (ask.method === 'POST' ? { status: 201, body: {} } : undefined)
    expect(await bmc.power()).toBe('off')
  })
})

describe('a wrong password', () => {
  test.each([{}, { basicOnly: true }])('is bmc-auth, and is not sent again for a while (%j)', async (how) => {
    const { driver, fake } = await start(how)
    const login = { address: fake.address, fingerprint: fake.fingerprint }
    const wrong = driver.open({ ...login, username: 'admin', password: 'wrong' })
    await expect(wrong.power()).rejects.toMatchObject({ code: 'bmc-auth' })
    const asked = fake.seen.length
    await expect(wrong.power()).rejects.toMatchObject({ code: 'bmc-auth' })
    expect(fake.seen).toHaveLength(asked)
    expect(await driver.open({ ...login, ...user }).power()).toBe('off')
  })

  test('that was right after all works once the pause is over, which grows each time', async () => {
    const { bmc, fake } = await start({ basicOnly: true }, { refusedLoginMs: 100 })
    let refusals = 2
    fake.answer = (ask) => (ask.headers.authorization && refusals-- > 0 ? { status: 401 } : undefined)
    const waited = async (ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms))
      return bmc.power().catch((error: FerruleError) => error.code)
    }
    expect(await waited(0)).toBe('bmc-auth')
    expect(await waited(120)).toBe('bmc-auth')
    expect(refusals).toBe(0)
    expect(await waited(120)).toBe('bmc-auth')
    expect(await waited(120)).toBe('off')
  })

  test('stands in no error', async () => {
    const { driver, fake } = await start()
    const wrong = driver.open({
      address: fake.address,
      fingerprint: fake.fingerprint,
      username: 'admin',
      password: 'hunter2',
    })
    const error: unknown = await wrong.power().catch((reason: unknown) => reason)
    expect(JSON.stringify([String(error), error])).not.toContain('hunter2')
  })
})

describe('one BMC', () => {
  test('gets one request at a time, each on a connection of its own that is closed after it', async () => {
    const { bmc, fake } = await start()
    fake.answer = (_ask, usual) => ({ ...usual(), delayMs: 10 })
    await Promise.all([bmc.power(), bmc.bootDevice(), bmc.power(), bmc.power()])
    expect(fake.mostAtOnce()).toBe(1)
    expect(fake.connections()).toBe(fake.seen.length)
    expect(new Set(fake.seen.map((ask) => ask.headers.connection))).toEqual(new Set(['close']))
  })

  test('may keep its connection, where that is wanted', async () => {
    const { bmc, fake } = await start({}, { keepAlive: true })
    await bmc.power()
    await bmc.power()
    expect(fake.seen.length).toBeGreaterThan(3)
    expect(fake.connections()).toBe(1)
  })
})

describe('what was surely not done is asked again', () => {
  test('503, after the time that the BMC says', async () => {
    const { bmc, fake } = await start()
    let busy = 2
    fake.answer = (ask) =>
      ask.path === systemPath && busy-- > 0 ? { status: 503, headers: { 'Retry-After': '3' } } : undefined
    expect(await bmc.power()).toBe('off')
  })

  test('503 without end is bmc-unreachable', async () => {
    const { bmc, fake } = await start()
    fake.answer = (ask) => (ask.path === systemPath ? { status: 503 } : undefined)
    await expect(bmc.power()).rejects.toMatchObject({ code: 'bmc-unreachable' })
    expect(fake.seen.filter((ask) => ask.path === systemPath)).toHaveLength(4)
  })

  test('404, with the slash that this BMC wants', async () => {
    const { bmc, fake, lease } = await start()
    fake.answer = (ask) =>
      ask.path !== '/redfish/v1/' && !ask.path.endsWith('/') && ask.method !== 'DELETE'
        ? { status: 404, body: problem('Base.1.8.ResourceMissingAtURI', ask.path) }
        : undefined
    expect(await bmc.power()).toBe('off')
    await bmc.powerOn(lease)
    expect(fake.machine.resets).toEqual(['On'])
  })

  test('406, without the wish for no compression', async () => {
    const { bmc, fake } = await start()
    fake.answer = (ask) => (ask.headers['accept-encoding'] ? { status: 406 } : undefined)
    expect(await bmc.power()).toBe('off')
  })

  test('a read whose answer was lost, once', async () => {
    const { bmc, fake } = await start()
    let losses = 1
    fake.answer = (ask) => (ask.path === systemPath && losses-- > 0 ? { status: 0, lost: true } : undefined)
    expect(await bmc.power()).toBe('off')
    losses = 2
    await expect(bmc.power()).rejects.toMatchObject({ code: 'bmc-unreachable' })
  })
})

describe('an answer that nobody should believe', () => {
  const answering = async (reply: object, options: Parameters<typeof startRig>[1] = {}) => {
    const started = await start({}, options)
    started.fake.answer = (ask) => (ask.path === systemPath ? { status: 200, ...reply } : undefined)
    return started
  }

  test('too long is not read to its end', async () => {
    const { bmc } = await answering({ body: 'x'.repeat(300_000) }, { maxAnswerBytes: 100_000 })
    await expect(bmc.power()).rejects.toMatchObject({ code: 'bmc-refused' })
  })

  test('too slow is given up', async () => {
    const { bmc } = await answering({ body: {}, delayMs: 6000 }, { requestMs: 300, connectMs: 1000 })
    const begun = Date.now()
    await expect(bmc.power()).rejects.toMatchObject({ code: 'bmc-unreachable' })
    expect(Date.now() - begun).toBeLessThan(5500)
  })

  test.each([[''], ['<html>'], ['[]'], ['null'], ['"On"'], ['{"PowerState":"On"']])(
    'that is %j is no system',
    async (body) => {
      const { bmc } = await answering({ body })
      await expect(bmc.power()).rejects.toMatchObject({ code: 'bmc-refused' })
    },
  )

  test('a redirect off the BMC is not followed', async () => {
    const { bmc, fake } = await answering({ status: 307, headers: { Location: 'https://127.0.0.9:1/steal' } })
    await expect(bmc.power()).rejects.toMatchObject({ code: 'bmc-refused' })
    expect(fake.seen.every((ask) => !ask.path.includes('steal'))).toBe(true)
  })

  test('a redirect on the BMC is followed, but not for ever', async () => {
    const { bmc, fake } = await start()
    fake.answer = (ask, usual) => {
      if (ask.path === systemPath) return { status: 308, headers: { Location: `${systemPath}/` } }
      return ask.path === `${systemPath}/` ? usual() : undefined
    }
    expect(await bmc.power()).toBe('off')
    fake.answer = (ask) =>
      ask.path.startsWith(systemPath) ? { status: 302, headers: { Location: ask.path } } : undefined
    await expect(bmc.power()).rejects.toMatchObject({ code: 'bmc-refused' })
  })

  test.each([
    'https://127.0.0.9/redfish/v1/Systems/1',
    '//evil/redfish',
    'file:///etc/passwd',
    'x'.repeat(3000),
  ])('a link to %s is not followed', async (target) => {
    const { bmc, fake } = await start()
    fake.answer = (ask) =>
      ask.path === '/redfish/v1/Systems'
        ? { status: 200, body: { Members: [{ '@odata.id': target }] } }
        : undefined
    await expect(bmc.power()).rejects.toMatchObject({ code: 'bmc-refused' })
  })
})

describe('which system', () => {
  const two = { Members: ['a', 'b'].map((id) => ({ '@odata.id': `/redfish/v1/Systems/${id}` })) }

  async function withTwo(system?: string) {
    const { fake, driver } = await start()
    fake.answer = (ask, usual) => {
      if (ask.path === '/redfish/v1/Systems') return { status: 200, body: two }
      if (!ask.path.startsWith('/redfish/v1/Systems/')) return undefined
      const power = ask.path.endsWith('/b') ? 'On' : 'Off'
      return { ...usual(), status: 200, body: { PowerState: power } }
    }
    const endpoint = { address: fake.address, fingerprint: fake.fingerprint, ...user }
    return driver.open({
      ...endpoint,
      ...(system ? { system } : {}),
      host: { id: '1', name: 'h1', systemId: null },
    })
  }

  test('of several must be said', async () => {
    const bmc = await withTwo()
    await expect(bmc.power()).rejects.toMatchObject({
      code: 'invalid-input',
      details: { systems: ['a', 'b'] },
      remedy: expect.stringContaining('ferrule host set-bmc h1 --bmc-system ID'),
    })
  })

  test('that was said is taken', async () => {
    expect(await (await withTwo('b')).power()).toBe('on')
    await rig?.stop()
    expect(await (await withTwo('a')).power()).toBe('off')
  })

  test('that is not there is not replaced by another', async () => {
    await expect((await withTwo('c')).power()).rejects.toMatchObject({ code: 'invalid-input' })
  })
})
