import type { EphemeralHost } from '../world/types.ts'
import { ENVIRONMENT_BOOT_MS } from './commission.ts'
import { dialled } from './dials.ts'
import type { Node, ReleasePlan, Script } from './model.ts'
import { freeAddresses } from './networking.ts'
import { powerOff, powerOn, queryPower } from './power.ts'
import { isDriven } from './power-driver.ts'
import type { Region } from './region.ts'
import { pendingResults, runScripts } from './run-scripts.ts'
import { abortPending, addSet } from './script-sets.ts'
import { DISK_ERASING, NEW, READY, RELEASING, RELEASING_FAILED } from './status.ts'
import { RELEASING_TIMEOUT } from './timeouts.ts'

export interface ReleaseOptions {
  erase: boolean
  quick: boolean
  secure: boolean
  /** Names of release scripts from the request, resolved. */
  scripts: Script[]
  parameters: Record<string, string>
}

/** How often MAAS looks whether a machine is off. */
const OFF_POLL_MS = 5_000
const HEARTBEAT_MS = 120_000

/** Throws PowerBusy or PowerFailed with the former status put back. */
export async function release(region: Region, node: Node, options: ReleaseOptions): Promise<void> {
  const before = node.status
  const plan = releasePlan(region, node, options)
  node.errorDescription = ''
  if (plan === null) return releasePlain(region, node)
  node.release = plan
  if (plan.withScripts) {
    region.setStatus(node, RELEASING, RELEASING_TIMEOUT)
    region.event(node, 'INFO', 'Releasing')
  } else {
    region.setStatus(node, DISK_ERASING)
  }
  try {
    await powerOn(region, node)
  } catch (error) {
    node.release = null
    region.setStatus(node, before)
    throw error
  }
}

/** null: nothing is to be run on the machine. The administrator's global switch replaces the request's choice of erase. */
function releasePlan(region: Region, node: Node, options: ReleaseOptions): ReleasePlan | null {
  const { config, scripts } = region.state
  const forced = config.enable_disk_erasing_on_release === true
  const wipe = forced
    ? {
        quick: config.disk_erase_with_quick_erase === true,
        secure: config.disk_erase_with_secure_erase === true,
      }
    : options.erase || options.quick || options.secure
      ? { quick: options.quick, secure: options.secure }
      : null
  const own = options.scripts.filter((script) => script.name !== 'wipe-disks')
  const wipeScript = scripts.find((script) => script.name === 'wipe-disks')
  const asked = wipe !== null || own.length < options.scripts.length
  const chosen = [...(asked && wipeScript !== undefined ? [wipeScript] : []), ...own]
  if (chosen.length === 0) return null
  const given: Record<string, string> = { ...options.parameters }
  delete given.quick_erase
  delete given.secure_erase
  if (wipe?.quick === true) given.quick_erase = 'true'
  if (wipe?.secure === true) given.secure_erase = 'true'
  const set = addSet(region, node, 3, pendingResults(region, chosen, given))
  return { scriptSet: set.id, wipe, withScripts: own.length > 0 }
}

/** A cached "off" skips the power-off: MAAS calls the node Ready even if it runs. */
async function releasePlain(region: Region, node: Node): Promise<void> {
  const off = node.powerState === 'off' && !dialled(region.dials.powerCacheStale, node.hostname)
  if (off || !isDriven(node.powerType)) return becomeReady(region, node)
  await powerOffToReady(region, node)
}

async function powerOffToReady(region: Region, node: Node): Promise<void> {
  const before = node.status
  region.setStatus(node, RELEASING, RELEASING_TIMEOUT)
  region.event(node, 'INFO', 'Releasing')
  const { epoch } = node
  try {
    await powerOff(region, node)
  } catch (error) {
    // After an erase there is no way back: it stays in Releasing until that times out.
    const erased = before === DISK_ERASING || before === RELEASING
    if (node.epoch === epoch && !erased) region.setStatus(node, before)
    throw error
  }
  region.background(async (signal) => {
    for (let waited = 0; waited < RELEASING_TIMEOUT && node.epoch === epoch; waited += OFF_POLL_MS) {
      await region.world.clock.sleep(OFF_POLL_MS, signal)
      if (node.epoch === epoch && (await queryPower(region, node)) === 'off' && node.epoch === epoch) {
        return becomeReady(region, node)
      }
    }
  })
}

/** Everything of the tenant goes but interfaces, links and tags: a bond stays. */
export function becomeReady(region: Region, node: Node): void {
  clearTenant(node)
  region.setStatus(node, node.everCommissioned ? READY : NEW)
  region.event(node, 'INFO', 'Released')
}

export function clearTenant(node: Node): void {
  freeAddresses(node)
  node.owner = null
  node.annotations = {}
  node.agentName = ''
  node.osystem = ''
  node.distroSeries = ''
  node.hweKernel = null
  node.userData = null
  node.netboot = true
  node.locked = false
  node.release = null
  node.errorDescription = ''
}

/** The environment that runs wipe-disks and the other release scripts. */
export async function runRelease(region: Region, node: Node, host: EphemeralHost): Promise<void> {
  const { epoch, release: plan } = node
  const set = region.state.scriptSets.find((one) => one.id === plan?.scriptSet)
  if (plan === null || set === undefined) return
  const alive = (): boolean => {
    region.heartbeat(node, RELEASING_TIMEOUT)
    return node.epoch === epoch
  }
  await host.sleep(region.world.chance.jitter(ENVIRONMENT_BOOT_MS, 0.2))
  if (!alive() || !host.reachable()) return
  region.background(() => beat(host, alive))

  if (!plan.withScripts) {
    // The results go to a copy that is thrown away: MAAS keeps nothing of a wipe that runs alone.
    const unseen = structuredClone(set)
    if ((await runScripts(region, node, host, unseen, alive)) === null) return
    return environmentFinished(region, node)
  }
  const passed = await runScripts(region, node, host, set, alive)
  if (passed === null) return
  node.release = null
  if (passed) return startPowerOff(region, node)
  region.setStatus(node, RELEASING_FAILED)
  node.errorDescription = 'Release scripts failed'
  region.event(node, 'ERROR', 'Releasing failed', node.errorDescription)
}

/** maas-run-remote-scripts tells the region every two minutes that it lives, however long one script takes. */
async function beat(host: EphemeralHost, alive: () => boolean): Promise<void> {
  do await host.sleep(HEARTBEAT_MS)
  while (host.reachable() && alive())
}

/**
 * cloud-init of whatever booted says that it is done, with the node's token. In Disk erasing MAAS takes that for the
 * end of the erase, whoever said it (metadataserver/api.py, signal of modules-final).
 */
export function environmentFinished(region: Region, node: Node): void {
  if (node.status !== DISK_ERASING) return
  node.release = null
  startPowerOff(region, node)
}

/** On its own: the caller may be running on the machine that is switched off. */
function startPowerOff(region: Region, node: Node): void {
  region.background(() => powerOffToReady(region, node))
}

/** Stops a release's scripts from counting any more. */
export function abandonRelease(region: Region, node: Node): void {
  abortPending(region.state.scriptSets.find((set) => set.id === node.release?.scriptSet))
  node.release = null
}
