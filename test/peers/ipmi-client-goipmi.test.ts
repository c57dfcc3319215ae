import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createIpmiDriver, type IpmiDriver } from '../../src/drivers/bmc/ipmi/driver.ts'
import type { Bmc } from '../../src/drivers/bmc/types.ts'
import {
  buildGoIpmi,
  type GoIpmiOptions,
  type GoIpmiPeer,
  type GoIpmiProgram,
} from './support/goipmi/peer.ts'
import { heldHost } from './support/host-lease.ts'

const kg = 'a 20 character K_g!!'

let program: GoIpmiProgram
let peer: GoIpmiPeer | undefined
let driver: IpmiDriver | undefined

beforeAll(() => {
  program = buildGoIpmi()
})

afterEach(async () => {
  await driver?.close()
  await peer?.stop()
  driver = undefined
  peer = undefined
})

afterAll(() => {
  program?.remove()
})

async function given(options: GoIpmiOptions, endpoint: { password?: string; kg?: string } = {}) {
  const started = await program.start(options)
  peer = started
  // Closing after each command makes each one a whole login.
  driver = createIpmiDriver({
    requestTimeoutMs: 2000,
    sessionLingerMs: 0,
    sessionRetryMs: 50,
    sessionsFullMs: 1000,
  })
  const open = (): Bmc | undefined =>
    driver?.open({ address: started.address, username: 'admin', password: 'secret', ...endpoint })
  const bmc = open()
  if (bmc === undefined) throw new Error('no driver')
  return { peer: started, bmc, driver }
}

describe.each([
  { name: 'suite 17', options: { suites: [17] } },
  { name: 'suite 3', options: { suites: [3] } },
  { name: 'suites 3 and 17', options: { suites: [3, 17] } },
  { name: 'an operator', options: { suites: [17], privilege: 'operator' as const } },
])("go-ipmi's server with $name", ({ options }) => {
  test('reads and switches the power', async () => {
    const { bmc, peer } = await given(options)
    expect(await bmc.power()).toBe('off')
    await bmc.powerOn(heldHost)
    expect((await peer.state()).on).toBe(true)
    expect(await bmc.power()).toBe('on')
    await bmc.powerOff(heldHost)
    expect((await peer.state()).on).toBe(false)
    expect(await bmc.power()).toBe('off')
  })

  test('cycles once, and asks once for a soft shutdown', async () => {
    const { bmc, peer } = await given(options)
    await bmc.powerOn(heldHost)
    await bmc.powerCycle(heldHost)
    await bmc.softOff(heldHost)
    expect(await peer.state()).toMatchObject({ on: true, powerCycles: 1, softOffs: 1 })
  })

  test('sets the boot device and reads it back', async () => {
    const { bmc, peer } = await given(options)
    await bmc.setBootDevice(heldHost, 'network', { persistent: false, efi: true })
    expect((await peer.state()).bootFlags).toBe('a004000000')
    expect(await bmc.bootDevice()).toEqual({ device: 'network', persistent: false, valid: true })
    await bmc.setBootDevice(heldHost, 'disk', { persistent: true, efi: false })
    expect((await peer.state()).bootFlags).toBe('c008000000')
    expect(await bmc.bootDevice()).toEqual({ device: 'disk', persistent: true, valid: true })
  })

  test('refuses a wrong password as bmc-auth, and keeps no session of it', async () => {
    const { bmc, peer } = await given(options, { password: 'wrong' })
    await expect(bmc.power()).rejects.toMatchObject({ code: 'bmc-auth' })
    await expect.poll(async () => (await peer.state()).sessions).toBe(0)
  })

  test('leaves no session behind: twenty logins where four are allowed', async () => {
    const { bmc, peer } = await given({ ...options, sessions: 4 })
    for (let round = 0; round < 20; round += 1) expect(await bmc.power()).toBe('off')
    await bmc.close()
    expect((await peer.state()).sessions).toBe(0)
  })
})

describe.each([17, 3])("go-ipmi's server with K_g and suite %i", (suite) => {
  const options = { suites: [suite], kg }
  const hex = Buffer.from(kg).toString('hex')

  test('lets us in with the key', async () => {
    const { bmc, peer } = await given(options, { kg: hex })
    await bmc.powerOn(heldHost)
    expect((await peer.state()).on).toBe(true)
  })

  test('is told apart from a wrong password without it', async () => {
    const { bmc } = await given(options)
    await expect(bmc.power()).rejects.toMatchObject({
      code: 'bmc-auth',
      message: expect.stringContaining('K_g'),
    })
  })
})

test('forty commands at once on one address share one session', async () => {
  const { driver, peer } = await given({ suites: [17], sessions: 1 })
  const bmcs = Array.from({ length: 40 }, () =>
    driver?.open({ address: peer.address, username: 'admin', password: 'secret' }),
  )
  expect(await Promise.all(bmcs.map((bmc) => bmc?.power()))).toEqual(bmcs.map(() => 'off'))
})

test('a kept session is one session, and ends after the linger time', async () => {
  const started = await program.start({ suites: [17] })
  peer = started
  driver = createIpmiDriver({ sessionLingerMs: 300 })
  const bmc = driver.open({ address: started.address, username: 'admin', password: 'secret' })
  await bmc.power()
  await bmc.power()
  expect((await started.state()).sessions).toBe(1)
  await expect.poll(async () => (await started.state()).sessions, { timeout: 5000 }).toBe(0)
})

test('logs in again when the BMC has restarted and forgotten the session', async () => {
  const before = await program.start({ suites: [17] })
  driver = createIpmiDriver({ requestTimeoutMs: 600, retransmitMs: 100, sessionLingerMs: 20_000 })
  const bmc = driver.open({ address: before.address, username: 'admin', password: 'secret' })
  expect(await bmc.power()).toBe('off')
  await before.stop()
  await expect(bmc.power()).rejects.toMatchObject({ code: 'bmc-unreachable' })
  const kept = await program.start({ suites: [17], listen: before.address })
  await bmc.powerOn(heldHost)
  await kept.stop()
  peer = await program.start({ suites: [3], listen: before.address })
  await bmc.powerCycle(heldHost)
  expect(await peer.state()).toMatchObject({ powerCycles: 1, sessions: 1 })
})

test('waits for a free session when others hold all, and gets in when one ends', async () => {
  const started = await program.start({ suites: [17], sessions: 1 })
  peer = started
  const hog = createIpmiDriver({ sessionLingerMs: 200 })
  driver = createIpmiDriver({ sessionLingerMs: 0, sessionRetryMs: 150 })
  const endpoint = { address: started.address, username: 'admin', password: 'secret' }
  await hog.open(endpoint).powerOn(heldHost)
  expect((await started.state()).sessions).toBe(1)
  expect(await driver.open(endpoint).power()).toBe('on')
  await hog.close()
})

test('waits until the sessions of a killed process have died, and then switches the power', async () => {
  const started = await program.start({ suites: [17], sessions: 2, idle: 4 })
  peer = started
  const endpoint = { address: started.address, username: 'admin', password: 'secret' }
  // Nobody closes these: as far as the BMC can see, their process is gone.
  const killed = [1, 2].map(() => createIpmiDriver({ sessionLingerMs: 60_000 }))
  for (const one of killed) await one.open(endpoint).power()
  expect((await started.state()).sessions).toBe(2)
  driver = createIpmiDriver({ requestTimeoutMs: 2000, sessionLingerMs: 0 })
  await expect(driver.open(endpoint).power({ patient: false })).rejects.toMatchObject({
    details: { sessionsFull: true },
  })
  await driver.open(endpoint).powerOn(heldHost)
  expect((await started.state()).on).toBe(true)
  await Promise.all(killed.map((one) => one.close()))
})

test('says that all sessions are taken when they stay so', async () => {
  const started = await program.start({ suites: [17], sessions: 1 })
  peer = started
  const hog = createIpmiDriver({ sessionLingerMs: 20_000 })
  driver = createIpmiDriver({ sessionLingerMs: 0, sessionRetryMs: 20, sessionsFullMs: 300 })
  const endpoint = { address: started.address, username: 'admin', password: 'secret' }
  await hog.open(endpoint).power()
  await expect(driver.open(endpoint).power()).rejects.toMatchObject({
    code: 'bmc-unreachable',
    details: { sessionsFull: true },
  })
  await hog.close()
})
