import type { Host } from '../domain/host.ts'
import type { ErasePolicy } from '../domain/offering.ts'
import { resolveErase } from '../domain/offering.ts'
import { hostById } from '../store/hosts.ts'
import { pxePlan } from '../workflows/ports.ts'
import { findOffering } from './catalogue.ts'
import type { Services } from './context.ts'
import { findErasable } from './hosts.ts'
import { findInstance } from './instances.ts'
import { bmcLines, destroyAtBmc } from './plan-bmc.ts'
import type { Plan } from './plan-parts.ts'
import { eraseCalls, eraseMinutes, portLines, restoreCalls } from './plan-parts.ts'

export async function planDestroy(
  services: Services,
  key: string,
  policy: ErasePolicy | null,
): Promise<Plan> {
  const { tools } = services
  const instance = await findInstance(services, key)
  const host = instance.hostId ? await hostById(tools.db, instance.hostId) : null
  const offering = await findOffering(services, instance.offeringId)
  const erase = resolveErase(services.settings.erase, offering.erase, policy ?? instance.erase)
  return destroyPlan(services, host, erase)
}

/** Of a host without an instance: the same way to proven blank disks. */
export async function planErase(services: Services, key: string, policy: ErasePolicy | null): Promise<Plan> {
  const { host } = await findErasable(services, key)
  return destroyPlan(services, host, policy ?? services.settings.erase)
}

async function destroyPlan(services: Services, host: Host | null, erase: ErasePolicy): Promise<Plan> {
  return {
    action: 'destroy',
    refusals: [],
    choice: null,
    host: host?.name ?? null,
    bond: null,
    ports: host ? await portLines(services, host, pxePlan) : [],
    maas: host
      ? [
          ...eraseCalls(host, erase),
          `POST machines/${host.systemId ?? '?'}/?op=release`,
          ...(host.systemId ? await restoreCalls(services, host.systemId) : []),
        ]
      : [],
    bmc: bmcLines(host?.bmc ?? null, destroyAtBmc),
    diskLayout: null,
    erase,
    fingerprint: null,
    expectedMinutes: host ? eraseMinutes(host, erase) : 0,
  }
}
