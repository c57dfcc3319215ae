import type { StepContext } from '../saga/types.ts'
import { setClear } from '../store/instances.ts'
import type { EraseInput, EraseState } from './erase.ts'
import { holdHost } from './hold.ts'
import { systemIdOf } from './maas-machine.ts'
import { offOrQuarantine } from './off-or-quarantine.ts'
import { parkPorts } from './ports.ts'
import type { Tools } from './tools.ts'

/** From a server on its tenant's networks to one that is clear of them: shared by destroy and reinstall. */
type Context = StepContext<EraseInput, EraseState>

export async function powerOff(tools: Tools, context: Context): Promise<Partial<EraseState>> {
  const { host, lease } = await holdHost(tools, context)
  await offOrQuarantine(tools, host, lease, context)
  if (host.systemId) await tools.maas.queryPower(host.systemId)
  return { hostId: host.id, systemId: systemIdOf(host) }
}

export async function parkAndClear(tools: Tools, context: Context): Promise<undefined> {
  const { host, lease } = await holdHost(tools, context)
  // somebody may have pressed its power button since it was off
  await offOrQuarantine(tools, host, lease, context)
  await parkPorts(tools, host, context.operation.id, 'pxe')
  if (context.input.instanceId) await setClear(tools.db, context.input.instanceId, true)
  return undefined
}
