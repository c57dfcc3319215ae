import type { RunningBmc } from '../bmc/server.ts'
import { startBmc } from '../bmc/server.ts'
import type { World } from '../world/types.ts'

/** One BMC for each machine, by the machine's name; all or none. */
export async function startBmcs(world: World, sessions?: number): Promise<Map<string, RunningBmc>> {
  const running = new Map<string, RunningBmc>()
  try {
    for (const machine of world.machines)
      running.set(machine.name, await startBmc(machine, sessions === undefined ? {} : { sessions }))
  } catch (error) {
    await Promise.all([...running.values()].map((bmc) => bmc.close()))
    throw error
  }
  return running
}
