import { describe, expect, test } from 'vitest'
import { scripted } from './testing/fixture.ts'

/** Where requests are counted: a busy machine's pause is no lost reply. */
const patient = { requestTimeoutMs: 10_000, retransmitMs: 3_000 }

describe('what a BMC may not be believed', () => {
  test.each(['forged', 'plain'] as const)(
    'a %s reply that says "on" is dropped, the true one counts',
    async (fate) => {
      const { bmc, client } = await scripted(patient)
      bmc.fate = (command) => (command.number === 1 ? fate : 'run')
      expect(await client.power()).toBe('off')
      expect(bmc.opened).toHaveLength(1)
    },
  )

  test('an old reply that is sent again does not count, even when its request number comes round', async () => {
    const { bmc, client, lease } = await scripted()
    await client.powerOn(lease)
    for (let read = 0; read < 64; read += 1) expect(await client.power()).toBe('on')
    await client.powerOff(lease)
    bmc.noise = () => bmc.replies.slice(-70, -1)
    for (let read = 0; read < 64; read += 1) expect(await client.power()).toBe('off')
  })

  test('malformed packets before each reply change nothing', async () => {
    const { bmc, client } = await scripted()
    bmc.noise = () => [
      Buffer.alloc(0),
      Buffer.from([6]),
      Buffer.from('0600ff0706c0', 'hex'),
      Buffer.alloc(16, 0xff),
      Buffer.from('0600ff0706c00000000001000000ffff', 'hex'),
      Buffer.alloc(1500, 0x06),
    ]
    expect(await client.power()).toBe('off')
  })
})

describe('one session, one request at a time', () => {
  test('thirty calls on three handles of one address wait for each other', async () => {
    const { bmc, driver, client } = await scripted(patient)
    bmc.replyDelayMs = 2
    const other = () => driver.open({ address: bmc.address, username: 'admin', password: 'secret' })
    const handles = [client, other(), other()]
    const states = await Promise.all(Array.from({ length: 30 }, (_, index) => handles[index % 3]?.power()))
    expect(states).toEqual(Array.from({ length: 30 }, () => 'off'))
    expect(bmc.opened).toHaveLength(1)
    expect(bmc.overlapping).toBe(0)
  })

  test('the session is kept between commands and closed after the linger time', async () => {
    const { bmc, client } = await scripted({ ...patient, sessionLingerMs: 400 })
    await client.power()
    await client.power()
    expect(bmc.opened).toHaveLength(1)
    expect(bmc.closed).toBe(0)
    await expect.poll(() => bmc.closed, { timeout: 10_000 }).toBe(1)
  })

  test('without linger time each command closes its session', async () => {
    const { bmc, client } = await scripted({ ...patient, sessionLingerMs: 0 })
    await client.power()
    await client.power()
    await client.close()
    expect(bmc.opened).toHaveLength(2)
    expect(bmc.closed).toBe(2)
  })

  test('a refused command closes its session too', async () => {
    const { bmc, client } = await scripted({ ...patient, sessionLingerMs: 0 })
    bmc.fate = (command) => (command.number === 1 ? { code: 0xd4 } : 'run')
    await expect(client.power()).rejects.toMatchObject({
      code: 'bmc-refused',
      remedy: expect.stringContaining('OPERATOR'),
    })
    await client.close()
    expect(bmc.closed).toBe(1)
  })

  test('close ends a kept session, and the handle works again afterwards', async () => {
    const { bmc, client } = await scripted(patient)
    await client.close()
    await client.power()
    await client.close()
    expect(bmc.closed).toBe(1)
    expect(await client.power()).toBe('off')
    expect(bmc.opened).toHaveLength(2)
  })

  test('closing the driver closes every session and refuses further work', async () => {
    const { bmc, client, driver } = await scripted(patient)
    const inFlight = client.power()
    await inFlight
    await driver.close()
    expect(bmc.closed).toBe(1)
    await expect(client.power()).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('other credentials for the same address do not ride on the open session', async () => {
    const { bmc, client, driver } = await scripted(patient)
    await client.power()
    const wrong = driver.open({ address: bmc.address, username: 'admin', password: 'other' })
    await expect(wrong.power()).rejects.toMatchObject({ code: 'bmc-auth' })
  })
})

describe('silence', () => {
  test('of a session that the BMC forgot: one new login, and the answer', async () => {
    const { bmc, client } = await scripted()
    await client.power()
    bmc.forgetSession()
    bmc.power = 'on'
    expect(await client.power()).toBe('on')
    expect(bmc.opened).toHaveLength(2)
  })

  test('of the BMC: bmc-unreachable, and the next call works once it is back', async () => {
    const { bmc, client } = await scripted()
    await client.power()
    bmc.alive = false
    await expect(client.power()).rejects.toMatchObject({ code: 'bmc-unreachable' })
    await expect(client.power()).rejects.toMatchObject({ code: 'bmc-unreachable' })
    bmc.alive = true
    expect(await client.power()).toBe('off')
  })

  test('of a BMC that answers without a session but never in one ends after two sessions', async () => {
    const { bmc, client } = await scripted()
    bmc.fate = (command) => (command.number === 1 ? 'lost' : 'run')
    await expect(client.power()).rejects.toMatchObject({ code: 'bmc-unreachable' })
    expect(bmc.opened).toHaveLength(2)
    // Both were given back, in case the BMC still had them.
    expect(bmc.closed).toBe(2)
  })

  test('of a name that does not resolve', async () => {
    const { driver } = await scripted()
    const nobody = driver.open({ address: 'no-such-bmc.invalid', username: 'admin', password: 'secret' })
    await expect(nobody.power()).rejects.toMatchObject({ code: 'bmc-unreachable' })
  })
})

test('whoever looks in passing gives the session back at once, unless others wait for it', async () => {
  const { bmc, client } = await scripted(patient)
  const both = [client.power({ patient: false }), client.power()]
  await Promise.all(both)
  expect(bmc.opened).toHaveLength(1)
  expect(bmc.closed).toBe(0)
  await client.power({ patient: false })
  await expect.poll(() => bmc.closed).toBe(1)
  expect(bmc.opened).toHaveLength(1)
})
