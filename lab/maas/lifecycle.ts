import { conflict, forbidden } from './http/answer.ts'
import type { Node } from './model.ts'
import { freeAddresses } from './networking.ts'
import { powerOff } from './power.ts'
import type { Region } from './region.ts'
import { abandonRelease, clearTenant } from './release.ts'
import { abortPending } from './script-sets.ts'
import * as status from './status.ts'

/** Where an abort leads; the machine is switched off. Throws PowerBusy or PowerFailed with nothing changed. */
export async function abortNode(region: Region, node: Node): Promise<void> {
  const next = new Map([
    [status.COMMISSIONING, status.NEW],
    [status.DEPLOYING, status.ALLOCATED],
    [status.DISK_ERASING, status.FAILED_DISK_ERASING],
    [status.TESTING, node.previousStatus],
  ]).get(node.status)
  if (next === undefined) throw conflict('Cannot abort in current state')
  const before = node.status
  await powerOff(region, node)
  if (node.status !== before) return
  if (before === status.COMMISSIONING) node.owner = null
  if (before === status.DISK_ERASING) abandonRelease(region, node)
  if (before === status.DEPLOYING) {
    freeAddresses(node)
    node.osystem = ''
    node.distroSeries = ''
    node.hweKernel = null
    node.netboot = true
  }
  const running = [node.commissioningSet, node.installationSet, node.testingSet]
  for (const id of running) abortPending(region.state.scriptSets.find((set) => set.id === id))
  region.setStatus(node, next)
  region.event(node, 'INFO', `Aborted ${status.statusName(before).toLowerCase()}`)
}

/** Only the owner may, not even an administrator for a machine that is nobody's. */
export async function markBroken(region: Region, node: Node, user: string, comment: string): Promise<void> {
  if (node.owner !== user) throw forbidden()
  const ran = node.powerState === 'on'
  clearTenant(node)
  node.errorDescription = comment
  region.setStatus(node, status.BROKEN)
  if (ran) region.background(() => powerOff(region, node))
}

export function markFixed(region: Region, node: Node): void {
  if (node.status !== status.BROKEN) throw conflict("Can't mark a non-broken node as 'Ready'.")
  node.errorDescription = ''
  node.installationSet = null
  region.setStatus(node, status.READY)
}

export function lock(node: Node, locked: boolean): void {
  if (locked === node.locked) throw conflict(locked ? 'Node is already locked.' : 'Node is not locked.')
  if (locked && node.status !== status.DEPLOYED && node.status !== status.DEPLOYING) {
    throw conflict("Can't lock, node is not deployed or deploying.")
  }
  node.locked = locked
}
