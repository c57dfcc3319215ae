import type { Host } from '../domain/host.ts'
import type { Instance, InstanceNic } from '../domain/instance.ts'
import { instanceCan } from '../domain/instance.ts'
import { hostById } from '../store/hosts.ts'
import { lagsOfHost } from '../store/lags.ts'
import { withCurrentVlans } from '../workflows/claim.ts'
import { networkFaults } from '../workflows/install-checks.ts'
import { pxePlan, tenantPlan } from '../workflows/ports.ts'
import type { Services } from './context.ts'
import { findInstance, isParked, nicsWith, nicsWithout, parksAtStop, wrongState } from './instances.ts'
import type { NicRequest } from './nics.ts'
import { bmcLines, rebootAtBmc, startAtBmc, stopAtBmc } from './plan-bmc.ts'
import type { Plan } from './plan-parts.ts'
import { portLines, refusal, unlessRefused } from './plan-parts.ts'

/** One boot or shutdown; a site's own history makes it better later. */
const POWER_MINUTES = 3

/** What the power actions of a server would do. */
export async function planPower(
  services: Services,
  key: string,
  action: 'start' | 'stop' | 'reboot',
): Promise<Plan> {
  const instance = await findInstance(services, key)
  if (!instanceCan(action, instance.state)) throw wrongState(action, instance)
  const host = await hostOf(services, instance)
  const empty = plan(action, host, POWER_MINUTES)
  if (host === null) return empty
  switch (action) {
    case 'start': {
      const nics = await withCurrentVlans(services.tools, instance.nics)
      return unlessRefused({
        ...empty,
        ...(await inNetworks(services, host, instance, nics)),
        bmc: bmcLines(host.bmc, startAtBmc),
      })
    }
    case 'stop': {
      const park = await parksAtStop(services, instance)
      return {
        ...empty,
        ports: park ? await portLines(services, host, pxePlan) : [],
        bmc: bmcLines(host.bmc, stopAtBmc(park)),
      }
    }
    case 'reboot':
      return { ...empty, bmc: bmcLines(host.bmc, rebootAtBmc) }
  }
}

export async function planAttach(services: Services, key: string, request: NicRequest): Promise<Plan> {
  const instance = await findInstance(services, key)
  return planNics(services, instance, 'attach', await nicsWith(services, instance, request))
}

export async function planDetach(services: Services, key: string, network: string): Promise<Plan> {
  const instance = await findInstance(services, key)
  return planNics(services, instance, 'detach', await nicsWithout(services, instance, network))
}

async function planNics(
  services: Services,
  instance: Instance,
  action: 'attach' | 'detach',
  nics: readonly InstanceNic[],
): Promise<Plan> {
  const host = await hostOf(services, instance)
  const empty = plan(action, host, 0)
  if (host === null || isParked(instance)) return empty
  return { ...empty, ...(await inNetworks(services, host, instance, nics)) }
}

async function inNetworks(
  services: Services,
  host: Host,
  instance: Instance,
  nics: readonly InstanceNic[],
): Promise<Pick<Plan, 'refusals' | 'ports'>> {
  const faults = await networkFaults(services.tools, host, nics, instance.id)
  return {
    refusals: faults.map(refusal),
    ports:
      faults.length > 0
        ? []
        : await portLines(services, host, tenantPlan(nics, await lagsOfHost(services.tools.db, host.id))),
  }
}

async function hostOf({ tools }: Services, { hostId }: Instance): Promise<Host | null> {
  return hostId === null ? null : hostById(tools.db, hostId)
}

/** MAAS is asked for nothing, and no disk is touched. */
function plan(action: Plan['action'], host: Host | null, expectedMinutes: number): Plan {
  return {
    action,
    refusals: [],
    choice: null,
    host: host?.name ?? null,
    bond: null,
    ports: [],
    maas: [],
    bmc: [],
    diskLayout: null,
    erase: null,
    expectedMinutes,
    fingerprint: null,
  }
}
