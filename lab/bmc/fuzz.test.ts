import { expect, test } from 'vitest'
import { fuzzBmc } from './test-support/fuzz.ts'

/** `FERRULE_FUZZ_PACKETS=1000000 npx vitest run --project unit lab/bmc/fuzz.test.ts` is the long run. */
const PACKETS = Number(process.env.FERRULE_FUZZ_PACKETS ?? 20_000)
const SEED = Number(process.env.FERRULE_FUZZ_SEED ?? 20_261_123)
/** A packet takes some tens of microseconds; a slow computer may take ten times that. */
const TIMEOUT_MS = 20_000 + PACKETS

/** mulberry32: the same packets for the same seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) % below
  }
}

test(
  'random, damaged and misused packets do no harm, and leave no memory behind',
  async () => {
    const random = seeded(SEED)
    // The first tenth fills whatever is filled once.
    await fuzzBmc(Math.ceil(PACKETS / 10), random)
    const before = heapUsed()
    const counts = await fuzzBmc(PACKETS, random)
    expect(counts.packets).toBe(PACKETS)
    expect(counts.answered).toBeGreaterThan(PACKETS / 5)
    expect(counts.restarts).toBeGreaterThan(0)
    // Only where the collector can be called does this say anything.
    if (globalThis.gc !== undefined) expect(heapUsed() - before).toBeLessThan(16 * 1024 * 1024)
  },
  TIMEOUT_MS,
)

function heapUsed(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
