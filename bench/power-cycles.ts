import { startInstance, stopInstance } from '../src/services/instances.ts'
import type { Bare } from './bare.ts'
import type { Boots } from './boots.ts'
import type { Server } from './deploys.ts'
import type { FerruleSite } from './ferrule-site.ts'
import { caller } from './ferrule-site.ts'

/** One server that can be stopped and started, by whomever. */
export interface Switchable {
  machine: string
  stop(): Promise<void>
  start(): Promise<void>
}

export function byFerrule(site: FerruleSite, { instance, machine }: Server): Switchable {
  return {
    machine,
    stop: async () => site.ends.all([(await stopInstance(site.services, caller, instance)).id]),
    start: async () => site.ends.all([(await startInstance(site.services, caller, instance)).id]),
  }
}

export function byBare(bare: Bare, { machine }: Server): Switchable {
  return { machine, stop: () => bare.stop(machine), start: () => bare.start(machine) }
}

/**
 * Stops and starts every server again and again, each at its own pace, for at least `seconds`; all run at the end.
 * @returns how many stops and starts were done in how many seconds
 */
export async function stopAndStart(
  boots: Boots,
  servers: readonly Switchable[],
  seconds: number,
): Promise<{ operations: number; seconds: number }> {
  const begun = performance.now()
  const until = begun + seconds * 1000
  let operations = 0
  await Promise.all(
    servers.map(async (server) => {
      do {
        await boots.up(server.machine)
        await server.stop()
        await server.start()
        operations += 2
      } while (performance.now() < until)
    }),
  )
  return { operations, seconds: (performance.now() - begun) / 1000 }
}
