import { formatDiskLayout } from '../domain/disk-layout.ts'
import type { FerruleError } from '../domain/errors.ts'
import { defaultNic } from '../domain/instance.ts'
import { planFingerprint } from '../domain/plan-fingerprint.ts'
import { hostById } from '../store/hosts.ts'
import { chooseFor } from '../workflows/deploy-host.ts'
import { imageFault, networkFaults, settled } from '../workflows/install-checks.ts'
import { plannedLags } from '../workflows/lags.ts'
import { bondFor } from '../workflows/nic-plan.ts'
import { tenantPlan } from '../workflows/ports.ts'
import { preMadeLagFaults } from '../workflows/pre-made-lags.ts'
import type { Services } from './context.ts'
import { resolveNics } from './nics.ts'
import { bmcLines, deployAtBmc } from './plan-bmc.ts'
import type { Plan } from './plan-parts.ts'
import {
  INSTALL_MINUTES,
  installCalls,
  layoutCalls,
  portLines,
  refusal,
  unlessRefused,
} from './plan-parts.ts'
import type { DeployRequest, PreparedDeploy } from './prepare-deploy.ts'
import { prepareDeploy } from './prepare-deploy.ts'

/** B3: what deploy would do, without doing any of it. */
export async function planDeploy(services: Services, request: DeployRequest): Promise<Plan> {
  const nics = await resolveNics(services, request.nics)
  return planPrepared(services, request, await prepareDeploy(services, request, nics, null))
}

/** Of a deploy whose names are resolved already. */
export async function planPrepared(
  services: Services,
  request: DeployRequest,
  prepared: PreparedDeploy,
): Promise<Plan> {
  const plan = unlessRefused(await effects(services, prepared))
  return { ...plan, fingerprint: planFingerprint(plan, madeUp(request, prepared)) }
}

/** The MACs that are new at each asking, because the request leaves them to us. */
export function madeUp(request: DeployRequest, { instance }: PreparedDeploy): string[] {
  return instance.nics.filter((_, index) => request.nics[index]?.mac === undefined).map(({ mac }) => mac)
}

async function effects(services: Services, { instance, input, offering }: PreparedDeploy): Promise<Plan> {
  const { tools } = services
  const { nics } = instance
  const choice = await chooseFor(tools, input, instance, offering)
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
  return {
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
      ...refusals.map(refusal),
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
    diskLayout: offering.diskLayout && formatDiskLayout(offering.diskLayout),
    erase: input.erase,
    expectedMinutes: INSTALL_MINUTES,
    fingerprint: null,
  }
}
