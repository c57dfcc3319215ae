import { wiredPorts } from '../domain/host.ts'
import type { Instance } from '../domain/instance.ts'
import { hostById } from '../store/hosts.ts'
import { tenantPlan } from '../workflows/ports.ts'
import type { Services } from './context.ts'

/** Reads every wired port of a running instance's host: does any of them carry other VLANs than the instance's? */
export async function portsDiffer(services: Services, instance: Instance): Promise<boolean> {
  const { tools } = services
  const host = instance.hostId ? await hostById(tools.db, instance.hostId) : null
  if (!host) return true
  const wanted = tenantPlan(instance.nics)
  const differ = await Promise.all(
    wiredPorts(host).map(async ({ switchId, port }) => {
      const { ports, row } = await tools.openSwitch(switchId)
      return (await ports.plan(new Map([[port, wanted(row)]]))).changes.length > 0
    }),
  )
  return differ.includes(true)
}
