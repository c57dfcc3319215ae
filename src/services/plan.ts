import type { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { defaultNic } from '../domain/instance.ts'
import type { ErasePolicy } from '../domain/offering.ts'
import { resolveErase } from '../domain/offering.ts'
import { chooseHost, tiedByMac } from '../domain/planner.ts'
import { reservations } from '../store/holds.ts'
import { hostById, hostSituations } from '../store/hosts.ts'
import { imageFault, networkFaults, settled } from '../workflows/install-checks.ts'
import { lagSwitches, plannedLags } from '../workflows/lags.ts'
import { bondFor } from '../workflows/nic-plan.ts'
import { pxePlan, tenantPlan } from '../workflows/ports.ts'
import { preMadeLagFaults } from '../workflows/pre-made-lags.ts'
import { findOffering } from './catalogue.ts'
import type { Services } from './context.ts'
import type { DeployRequest } from './deploy.ts'
import { prepareDeploy } from './deploy.ts'
import { findErasable } from './hosts.ts'
import { findInstance } from './instances.ts'
import { resolveNics } from './nics.ts'
import { bmcLines, deployAtBmc, destroyAtBmc } from './plan-bmc.ts'
import type { Plan } from './plan-parts.ts'
import {
  eraseCalls,
  eraseMinutes,
  INSTALL_MINUTES,
  installCalls,
  layoutCalls,
  portLines,
  restoreCalls,
  unlessRefused,
} from './plan-parts.ts'

/** B3: what deploy would do, without doing any of it. */
export async function planDeploy(services: Services, request: DeployRequest): Promise<Plan> {
  const { tools } = services
  const nics = await resolveNics(services, request.nics)
  const { instance, input } = await prepareDeploy(services, request, nics, null)
  const offering = await findOffering(services, request.offering)
  const fleet = await hostSituations(tools.db)
  const choice = chooseHost(
    {
      offering,
      architecture: input.architecture,
      networks: nics.length,
      avoid: new Set(),
      reservedHostIds: new Set((await reservations(tools.db)).map((one) => one.hostId)),
      reservedForUs: null,
      lagSwitches: await lagSwitches(tools, offering.bondMode),
      only: tiedByMac(fleet, defaultNic(nics)?.mac),
      ownInCloud: new Map(),
    },
    fleet,
  )
  const host = choice.hostId ? await hostById(tools.db, choice.hostId) : null
  const image = await imageFault(tools, input.image, input.architecture)
  const refusals: FerruleError[] = [
    ...(image ? [image] : []),
    ...(host ? await networkFaults(tools, host, nics, instance.id) : []),
    ...(host ? await settled(preMadeLagFaults(tools, host)) : []),
  ]
  const lags = host && refusals.length === 0 ? await plannedLags(tools, host, offering.bondMode) : {}
  const machine = host?.systemId ? await tools.maas.machine(host.systemId) : null
  const bond = host && machine ? bondFor(host, machine, offering.bondMode) : null
  const mac = defaultNic(nics)?.mac ?? ''
  return unlessRefused({
    action: 'deploy',
    refusals: [
      ...(choice.hostId === null
        ? [
            {
              code: 'no-host',
              message: `no host fits offering ${offering.name}`,
              remedy: 'See the reasons of every host.',
            },
          ]
        : []),
      ...refusals.map(({ code, message, remedy }) => ({ code, message, remedy })),
    ],
    choice,
    host: host?.name ?? null,
    bond:
      bond && 'members' in bond ? { mode: bond.mode, mac, members: bond.members, notes: bond.notes } : null,
    ports: host && refusals.length === 0 ? await portLines(services, host, tenantPlan(nics, lags)) : [],
    maas: [
      ...(machine ? await layoutCalls(services, machine, offering.diskLayout) : []),
      ...(host ? installCalls(host, mac, input.image, offering.bondMode) : []),
    ],
    bmc: bmcLines(host?.bmc ?? null, deployAtBmc),
    erase: input.erase,
    expectedMinutes: INSTALL_MINUTES,
  })
}

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
    erase,
    expectedMinutes: host ? eraseMinutes(host, erase) : 0,
  }
}
