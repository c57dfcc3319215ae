import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { fuzzBmc } from './test-support/fuzz.ts'

/** `FERRULE_FUZZ_PACKETS=1000000 npx vitest run --project unit lab/bmc/fuzz.test.ts` is the long run. */
const PACKETS = Number(process.env.FERRULE_FUZZ_PACKETS ?? 20_000)
const SEED = Number(process.env.FERRULE_FUZZ_SEED ?? 20_261_123)
/** A packet takes some tens of microseconds; a slow computer may take ten times that. */
const TIMEOUT_MS = 20_000 + PACKETS

/** Caches of the runtime may stay, packets may not. */
const GROWTH_BYTES = 8 * 1024 * 1024

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
    expect(heapUsed() - before).toBeLessThan(GROWTH_BYTES)
  },
  TIMEOUT_MS,
)

/** What is in use after a collection, which a process can allow itself to ask for. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  collect()
  return process.memoryUsage().heapUsed
}
