import type { HostSituation } from '../domain/host.ts'
import type { Instance } from '../domain/instance.ts'
import { unknownToSystem } from '../domain/instance.ts'
import { questionAttention } from '../domain/person.ts'
import type { OperationFacts, Why } from '../domain/why.ts'
import { whyHost, whyInstance, whyOperation } from '../domain/why.ts'
import { whySwitch } from '../domain/why-switch.ts'
import { cloudFindings } from '../store/cloud-findings.ts'
import { cloudViews } from '../store/cloud-views.ts'
import { listEvents } from '../store/events.ts'
import { hostById } from '../store/hosts.ts'
import { instanceById } from '../store/instances.ts'
import type { Operation } from '../store/operations.ts'
import { latestOperation, stepsOf } from '../store/operations.ts'
import { portDrifts } from '../store/switch-looks.ts'
import { networks } from './catalogue.ts'
import type { Services } from './context.ts'
import { findHost, hostDirtyMarks } from './hosts.ts'
import { findInstance } from './instances.ts'
import { findOperation } from './operations.ts'
import { findSwitch, switchesReached } from './switches.ts'
import { sidesOfOne, sidesThatDiffer } from './three-sides.ts'

/** Gathers what is known and lets the domain say it. */
export async function why(
  services: Services,
  kind: 'host' | 'instance' | 'operation' | 'switch',
  key: string,
): Promise<Why> {
  if (kind === 'switch') return whySwitch(await findSwitch(services, key), services.tools.now())
  if (kind === 'operation') return whyOperation(await factsOf(services, await findOperation(services, key)))
  if (kind === 'instance') {
    const instance = await findInstance(services, key)
    const operation = await latestOperation(services.tools.db, { instanceId: instance.id })
    const host = instance.hostId ? await hostById(services.tools.db, instance.hostId) : null
    const sides = await sidesOfOne(services, instance)
    return whyInstance(
      instance,
      operation ? await factsOf(services, operation) : null,
      host?.power ?? null,
      await networksUnknownToSystem(services, instance),
      (await cloudViews(services.tools.db)).find(({ instanceId }) => instanceId === instance.id) ?? null,
      { sides, host: host?.name ?? null },
    )
  }
  const situation = await findHost(services, key)
  const operation = await latestOperation(services.tools.db, { hostId: situation.host.id })
  return whyHost(
    situation,
    operation ? await factsOf(services, operation) : null,
    await hostDirtyMarks(services, key),
    await switchesReached(services, situation.host),
    (await portDrifts(services.tools.db)).filter((one) => one.hostId === situation.host.id),
    (await cloudFindings(services.tools.db)).find((one) => one.hostId === situation.host.id) ?? null,
    await carriedBy(services, situation),
  )
}

/** The instance on a host, and what CloudStack, our records and the switches have of it, where they differ. */
async function carriedBy(
  services: Services,
  { tenancy }: HostSituation,
): Promise<{ name: string; sides: string[] } | null> {
  const carried = tenancy && (await instanceById(services.tools.db, tenancy.instanceId))
  if (!carried) return null
  return {
    name: carried.name,
    sides: (await sidesThatDiffer(services, [carried])).get(carried.id) ?? [],
  }
}

/** Attached, or changed, after its system was made: the ports carry them, and the system may know nothing of them. */
async function networksUnknownToSystem(services: Services, instance: Instance) {
  const unknown = unknownToSystem(instance.nics, instance.systemNics)
  if (unknown.length === 0) return []
  const names = new Map((await networks(services)).map(({ id, name }) => [id, name]))
  return unknown.map(({ networkId, vlan, mac }) => ({ name: names.get(networkId) ?? networkId, vlan, mac }))
}

async function factsOf(services: Services, operation: Operation): Promise<OperationFacts> {
  const { db } = services.tools
  const steps = await stepsOf(db, operation.id)
  const events = await listEvents(db, { operationId: operation.id, limit: 500 })
  const newest = steps.at(-1) ?? null
  const host = operation.hostId && !operation.endedAt ? await hostById(db, operation.hostId) : null
  return {
    number: operation.number,
    kind: operation.kind,
    state: operation.state,
    error: operation.error,
    parked: operation.parked,
    startedAt: operation.startedAt,
    endedAt: operation.endedAt,
    step: newest && {
      title: newest.title,
      state: newest.state,
      startedAt: newest.startedAt,
      attempt: newest.attempt,
      error: newest.error,
    },
    notes: events
      .filter((event) => event.kind === 'operation.note')
      .slice(-5)
      .map((event) => `${event.at}: ${event.message}`),
    switches: host ? await switchesReached(services, host) : [],
    waitsFor: host?.question ? questionAttention(host.question, host.name) : null,
  }
}
