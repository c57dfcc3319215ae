import type { HostContext } from './hold.ts'
import { holdHost, holdHostIfAny } from './hold.ts'
import type { Attempt } from './off-or-quarantine.ts'
import { offOrQuarantine, orQuarantine } from './off-or-quarantine.ts'
import { ensureHostPorts, pxePlan } from './ports.ts'
import { ensureBootDevice, ensureOff, ensureOn } from './power.ts'
import type { Tools } from './tools.ts'

/** Steps that several sagas have in common: each is an ensure on the host that the operation holds. */

/** The state that MAAS can boot it from, and in which nobody else's VLAN is left on its ports. */
export async function restHost(tools: Tools, context: HostContext): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  await ensureOff(tools, host, lease)
  await ensureHostPorts(tools, host, context.operation.id, pxePlan)
  await ensureBootDevice(tools, host, lease, 'network')
  return undefined
}

/** Off, but not clear of its tenant yet. */
export async function bootFromNetwork(tools: Tools, context: HostContext & Attempt): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  await orQuarantine(tools, host, context, () => ensureBootDevice(tools, host, lease, 'network'))
  return undefined
}

export async function bootFromDisk(tools: Tools, context: HostContext): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  await ensureBootDevice(tools, host, lease, 'disk')
  return undefined
}

export async function switchOn(tools: Tools, context: HostContext): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  await ensureOn(tools, host, lease)
  return undefined
}

/** An undo, the first of those after which the tenant's VLANs leave the ports; there may be no host yet. */
export async function switchOff(tools: Tools, context: HostContext & Attempt): Promise<void> {
  const held = await holdHostIfAny(tools, context)
  if (held) await offOrQuarantine(tools, held.host, held.lease, context)
}
