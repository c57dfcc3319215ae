import { createIpmiDriver } from '../src/drivers/bmc/ipmi/driver.ts'
import type { Bmc, PowerReadOptions } from '../src/drivers/bmc/types.ts'
import type { Cost } from './bmc-rivals.ts'

/** BMCs that are asked at once. */
const IN_FLIGHT = 64
/** After so many polls the code is compiled, as it is in a daemon that has run for a minute. */
const WARM_AFTER = 4000

/**
 * Polls with Ferrule's client in this process, as the daemon does; its start is not counted, for the daemon runs anyway.
 * `new`: each poll logs in and out again. `kept`: the sessions stay open in between.
 * @param polls at least so many are measured
 */
export async function pollByFerrule(
  addresses: readonly string[],
  sessions: 'new' | 'kept',
  polls: number,
): Promise<Cost> {
  const driver = createIpmiDriver()
  const how = { patient: false, keep: sessions === 'kept' }
  const bmcs = addresses.map((address) => driver.open({ address, username: 'admin', password: 'secret' }))
  try {
    for (let done = 0; done < WARM_AFTER; done += bmcs.length) await pollOnce(bmcs, how)
    const rounds = Math.ceil(polls / bmcs.length)
    const begun = { wall: performance.now(), cpu: process.cpuUsage() }
    for (let round = 0; round < rounds; round += 1) await pollOnce(bmcs, how)
    const { user, system } = process.cpuUsage(begun.cpu)
    return { wallMs: (performance.now() - begun.wall) / rounds, cpuMs: (user + system) / 1000 / rounds }
  } finally {
    await driver.close()
  }
}

async function pollOnce(bmcs: readonly Bmc[], how: PowerReadOptions): Promise<void> {
  const queue = bmcs.values()
  const worker = async () => {
    for (const bmc of queue) {
      const state = await bmc.power(how)
      if (state === 'unknown') throw new Error(`${bmc.address} says neither on nor off`)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
}
