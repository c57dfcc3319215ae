import { expect, test } from 'vitest'
import { scripted } from './testing/fixture.ts'
import { fuzzConsoles } from './testing/fuzz/console.ts'
import { fuzzLive } from './testing/fuzz/live.ts'
import { mutate, seeded } from './testing/fuzz/mutate.ts'
import { fuzzPackets, recordedPackets } from './testing/fuzz/packets.ts'
import { fuzzReadings } from './testing/fuzz/readings.ts'

// A short run of what `npm run fuzz:bmc` does at length.

test('20,000 damaged packets: no decoder throws, and none passes for one of the session', () => {
  const { decoded, authentic } = fuzzPackets(20_000, seeded(20_261_123))
  // Else the mutations are too rough to reach anything but the first length check.
  expect(decoded).toBeGreaterThan(200)
  expect(authentic).toBeGreaterThan(0)
})

test('30,000 replies of bent BMCs: each reading ends as a reading or as a FerruleError', async () => {
  const counts = await fuzzReadings(30_000, seeded(7))
  expect(counts.read).toBeGreaterThan(50)
  expect(counts.refused).toBeGreaterThan(50)
})

test('20,000 damaged packets of consoles: one unanswered packet at most, nothing printed but what came', async () => {
  const counts = await fuzzConsoles(20_000, seeded(3))
  expect(counts.printed).toBeGreaterThan(10_000)
  expect(counts.taken).toBeGreaterThan(100)
})

test('3,000 packets of a bent BMC on a socket: the driver survives, and sees the truth afterwards', async () => {
  const counts = await fuzzLive(3000, seeded(11))
  expect(counts.refused).toBeGreaterThan(5)
  expect(counts.refused).toBeLessThan(counts.actions)
})

test('a hundred answers among five thousand damaged packets are all read rightly', async () => {
  const { bmc, client, lease } = await scripted({ requestTimeoutMs: 2000, retransmitMs: 200 })
  const random = seeded(7)
  bmc.noise = () =>
    Array.from({ length: 50 }, () =>
      mutate(recordedPackets[random(recordedPackets.length)] ?? Buffer.alloc(1), random),
    )
  for (let round = 0; round < 50; round += 1) {
    const wanted = random(2) === 0 ? 'on' : 'off'
    await (wanted === 'on' ? client.powerOn(lease) : client.powerOff(lease))
    expect(await client.power()).toBe(wanted)
  }
})
