import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fuzzConsoles } from '../../src/drivers/bmc/ipmi/testing/fuzz/console.ts'
import { fuzzLive } from '../../src/drivers/bmc/ipmi/testing/fuzz/live.ts'
import { seeded } from '../../src/drivers/bmc/ipmi/testing/fuzz/mutate.ts'
import { fuzzPackets } from '../../src/drivers/bmc/ipmi/testing/fuzz/packets.ts'
import { fuzzReadings } from '../../src/drivers/bmc/ipmi/testing/fuzz/readings.ts'
import { fuzzLabBmc } from './lab-bmc.ts'

const packets = Number(process.env.FERRULE_FUZZ_PACKETS ?? 100_000)
const seed = Number(process.env.FERRULE_FUZZ_SEED ?? 1)

/** Bytes that may stay after all of it: caches of the runtime, not packets. */
const growth = 16 * 1024 * 1024

const loose: unknown[] = []
const catchLoose = (reason: unknown) => loose.push(reason)

beforeAll(() => {
  console.log(`${packets} packets, seed ${seed}`)
  process.on('unhandledRejection', catchLoose)
})

afterAll(() => {
  process.off('unhandledRejection', catchLoose)
  expect(loose).toEqual([])
})

const parts: [string, number, (packets: number, random: (below: number) => number) => unknown][] = [
  ['readings of the client from bent BMCs', 0.45, fuzzReadings],
  ['packets into the decoders of the client', 0.2, fuzzPackets],
  ['packets into the consoles of the client', 0.1, fuzzConsoles],
  ['packets into the whole client on a socket', 0.02, fuzzLive],
  ['packets into the BMC of the lab', 0.23, fuzzLabBmc],
]

describe.each(parts)('%s', (name, share, fuzz) => {
  test('no crash, no endless loop, no leak, the right state', async () => {
    // The first tenth fills whatever is filled once.
    const count = Math.ceil(packets * share)
    await fuzz(Math.ceil(count / 10), seeded(seed))
    const before = heap()
    const started = performance.now()
    const counts = await fuzz(count - Math.ceil(count / 10), seeded(seed + 1))
    const grown = heap() - before
    const mebibytes = (grown / 1024 / 1024).toFixed(1)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.log(`${name}: ${JSON.stringify(counts)} in ${seconds} s, heap ${mebibytes} MiB larger`)
    expect(grown).toBeLessThan(growth)
  })
})

function heap(): number {
  if (globalThis.gc === undefined) throw new Error('node runs without --expose-gc')
  globalThis.gc()
  return process.memoryUsage().heapUsed
}
