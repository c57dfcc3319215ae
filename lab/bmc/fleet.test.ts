import { afterEach, expect, test } from 'vitest'
import { ipmi } from './client.ts'
import { ClientSession } from './client-session.ts'
import { type Fleet, type FleetOptions, startFleet } from './fleet.ts'

const LOGIN = { username: 'admin', password: 'secret' }
let fleet: Fleet | null = null

async function start(options: Partial<FleetOptions> = {}): Promise<Fleet> {
  fleet = await startFleet({ count: 20, first: '127.9.0.250', port: 0, ...LOGIN, ...options })
  return fleet
}

afterEach(async () => {
  await fleet?.close()
  fleet = null
})

function target(of: Fleet, index: number, suite: 3 | 17 = 17) {
  return { address: of.addresses[index] ?? '', port: of.port, ...LOGIN, suite }
}

test.each([3, 17] as const)('each BMC has its own power, by suite %i', async (suite) => {
  const bmcs = await start()
  bmcs.setPower({ from: 5, to: 10 }, true)
  const states = await Promise.all(bmcs.addresses.map((_, index) => ipmi(target(bmcs, index, suite)).power()))
  expect(states.flatMap((state, index) => (state === 'on' ? [index] : []))).toEqual([5, 6, 7, 8, 9])
  await ipmi(target(bmcs, 0, suite)).on()
  expect(bmcs.stats()).toMatchObject({ poweredOn: 6, sessions: 0, lost: 0 })
  await ipmi(target(bmcs, 0, suite)).off()
  expect(bmcs.stats().poweredOn).toBe(5)
})

test('holds sessions up to its limit, per BMC, and forgets silent ones', async () => {
  const bmcs = await start({ sessions: 1, inactivityMs: 200 })
  const held = await ClientSession.open(target(bmcs, 0))
  await expect(ClientSession.open(target(bmcs, 0))).rejects.toThrow('no free BMC session')
  expect(await ipmi(target(bmcs, 1)).power()).toBe('off')
  await expect.poll(() => bmcs.stats().sessions).toBe(0)
  expect(await ipmi(target(bmcs, 0)).power()).toBe('off')
  await held.close()
})

test('dials: loss is made up for, delay takes its time, a suite is refused, an unreachable BMC is silent', async () => {
  const bmcs = await start({ seed: 4 })
  bmcs.setDials({ loss: 0.03 })
  // one after the other, so that the seed says which packets are lost: four of one question would be one too many
  for (const [index] of bmcs.addresses.entries()) expect(await ipmi(target(bmcs, index)).power()).toBe('off')
  expect(bmcs.stats().lost).toBeGreaterThan(0)
  bmcs.setDials({ loss: 0, delayMs: 50 })
  const before = performance.now()
  await ipmi(target(bmcs, 0)).power()
  // Seven questions of one session.
  expect(performance.now() - before).toBeGreaterThan(300)
  bmcs.setDials({ delayMs: 0, suites: [17] })
  await expect(ipmi(target(bmcs, 0, 3)).power()).rejects.toThrow('cipher suite')
  bmcs.setReachable({ from: 0, to: 2 }, false)
  await expect(ipmi(target(bmcs, 1)).power()).rejects.toThrow('unreachable')
  bmcs.setReachable({ from: 0, to: 2 }, true)
  expect(await ipmi(target(bmcs, 1)).power()).toBe('off')
})

test('an address that is taken fails the start, and frees the others', async () => {
  const bmcs = await start()
  const again = { count: 21, first: '127.9.0.249', port: bmcs.port, ...LOGIN }
  await expect(startFleet(again)).rejects.toThrow('EADDRINUSE')
  const one = await startFleet({ ...again, count: 1 })
  await one.close()
})
