import { queryPower } from './power.ts'
import type { Region } from './region.ts'
import { BROKEN } from './status.ts'

/** Each node's cached power state is at most so old (maasserver POWER_QUERY interval); Broken ones are left out. */
const REFRESH_MS = 5 * 60_000

/** One node after the other for ever; off in a lab without waiting, where it would never pause. */
export function startPowerMonitor(region: Region): void {
  if (!Number.isFinite(region.world.clock.scale)) return
  region.background(async (signal) => {
    while (!signal.aborted) {
      await region.world.clock.sleep(REFRESH_MS, signal)
      await refreshPower(region)
    }
  })
}

export async function refreshPower(region: Region): Promise<void> {
  for (const node of region.state.nodes) {
    if (node.status !== BROKEN && !region.powerBusy.has(node.systemId)) await queryPower(region, node)
  }
}
