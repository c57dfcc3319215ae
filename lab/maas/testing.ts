import type { EphemeralHost } from '../world/types.ts'
import { ENVIRONMENT_BOOT_MS } from './commission.ts'
import type { Node, Script } from './model.ts'
import { powerOn } from './power.ts'
import type { Region } from './region.ts'
import { pendingResults, runScripts } from './run-scripts.ts'
import { addSet } from './script-sets.ts'
import { FAILED_TESTING, TESTING } from './status.ts'

/** Throws PowerBusy or PowerFailed with the former status put back. */
export async function test(
  region: Region,
  node: Node,
  scripts: Script[],
  parameters: Record<string, string>,
): Promise<void> {
  const before = node.status
  const set = addSet(region, node, 2, pendingResults(region, scripts, parameters))
  node.testingSet = set.id
  node.netboot = true
  region.setStatus(node, TESTING, region.nodeTimeout())
  region.event(node, 'INFO', 'Testing')
  try {
    await powerOn(region, node)
  } catch (error) {
    region.setStatus(node, before)
    throw error
  }
}

/** The testing environment on the machine; afterwards the node has the status that it came from. */
export async function runTesting(region: Region, node: Node, host: EphemeralHost): Promise<void> {
  const { epoch, previousStatus } = node
  const set = region.state.scriptSets.find((one) => one.id === node.testingSet)
  if (set === undefined) return
  await host.sleep(region.world.chance.jitter(ENVIRONMENT_BOOT_MS, 0.2))
  const passed = await runScripts(region, node, host, set, () => node.epoch === epoch)
  if (passed === null) return
  region.setStatus(node, passed ? previousStatus : FAILED_TESTING)
  region.event(node, passed ? 'INFO' : 'ERROR', passed ? 'Passed testing' : 'Failed testing')
  host.powerOff()
}
