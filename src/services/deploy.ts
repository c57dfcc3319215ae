import { FerruleError } from '../domain/errors.ts'
import type { Instance } from '../domain/instance.ts'
import { expectedHost, planChanged } from '../domain/plan-fingerprint.ts'
import type { Queryable } from '../store/database.ts'
import { violatedConstraint } from '../store/database.ts'
import { takeTenancy } from '../store/holds.ts'
import { hostById, hostSituations } from '../store/hosts.ts'
import { insertInstance, instanceById, instanceByName, setInstanceState } from '../store/instances.ts'
import type { Operation } from '../store/operations.ts'
import { countOperationsOn, latestOperation } from '../store/operations.ts'
import { chooseFor } from '../workflows/deploy-host.ts'
import { chooseInTurn } from '../workflows/in-turn.ts'
import type { Caller, Services } from './context.ts'
import { requireEnabled } from './enabled.ts'
import { resolveNics } from './nics.ts'
import { beginOperation } from './operations.ts'
import { madeUp, planPrepared } from './plan-deploy.ts'
import type { DeployRequest, PreparedDeploy } from './prepare-deploy.ts'
import { prepareDeploy } from './prepare-deploy.ts'

/**
 * A19, A20: from names to a running server.
 * @param expectedPlan fingerprint of the plan that it is held to; without one the operation chooses by itself
 * @throws plan-changed: it would not be as expected any more, and nothing was begun
 */
export async function deployInstance(
  services: Services,
  caller: Caller,
  { expectedPlan, ...request }: DeployRequest & { expectedPlan?: string | undefined },
): Promise<{ instance: Instance; operation: Operation }> {
  requireEnabled(services)
  const nics = await resolveNics(services, request.nics)
  const prepared = await prepareDeploy(services, request, nics, null)
  return expectedPlan === undefined
    ? beginDeploy(services, caller, prepared, true)
    : beginAsPlanned(services, caller, request, prepared, expectedPlan)
}

/**
 * The plan is made anew and compared, and its host is held by the operation from its first moment. What happened to the
 * host between the one and the other would have been missed: then the plan is made once more.
 */
async function beginAsPlanned(
  services: Services,
  caller: Caller,
  request: DeployRequest,
  prepared: PreparedDeploy,
  expected: string,
): Promise<{ instance: Instance; operation: Operation }> {
  const { tools } = services
  for (;;) {
    const planned = await plannedHost(tools.db, expectedHost(expected))
    const change = planChanged(
      expected,
      await planPrepared(services, request, prepared),
      madeUp(request, prepared),
    )
    if (change) throw change
    const begun = await chooseInTurn(tools.db, async () => {
      const { hostId } = await chooseFor(tools, prepared.input, prepared.instance, prepared.offering)
      if (hostId === null || hostId !== planned?.hostId) return null
      return beginDeploy(services, caller, prepared, true, planned).catch(unlessOvertaken)
    })
    if (begun) return begun
  }
}

/** As it is before its switches, MAAS and its records are looked at for the plan; null: it is gone. */
async function plannedHost(db: Queryable, name: string): Promise<PlannedHost | null> {
  const [situation] = await hostSituations(db, { name })
  if (!situation) return null
  const hostId = situation.host.id
  return { hostId, seen: await sightOf(db, hostId, null) }
}

/** A host of which the operation's plan was made, and what would be otherwise if something came between. */
interface PlannedHost {
  hostId: string
  seen: string
}

class Overtaken extends Error {}

/** Whoever was faster has the host, has changed something about it or has removed it. */
function unlessOvertaken(error: unknown): null {
  if (error instanceof Overtaken) return null
  if (error instanceof FerruleError && ['held', 'in-use', 'not-found'].includes(error.code)) return null
  throw error
}

/** Row and operation in one transaction. A failed instance of the same name makes way, and keeps its history. */
export async function beginDeploy(
  services: Services,
  caller: Caller,
  prepared: PreparedDeploy,
  claimed: boolean,
  planned: PlannedHost | null = null,
): Promise<{ instance: Instance; operation: Operation }> {
  const { db } = services.tools
  const operation = await db
    .transaction(async (client) => {
      const old = await instanceByName(client, prepared.instance.name)
      if (old?.state === 'failed') {
        await refuseIfItKeepsAHost(client, old)
        await setInstanceState(client, old.id, 'destroyed', old.error)
      }
      await insertInstance(client, prepared.instance, claimed)
      const begun = await beginOperation(services, client, caller, {
        kind: 'deploy',
        hostId: planned?.hostId ?? null,
        instanceId: prepared.instance.id,
        input: { ...prepared.input, instanceId: prepared.instance.id },
      })
      if (planned) {
        await takeTenancy(client, planned.hostId, prepared.instance.id)
        if ((await sightOf(client, planned.hostId, begun.id)) !== planned.seen) throw new Overtaken()
      }
      return begun
    })
    .catch((error: unknown) => {
      if (violatedConstraint(error) === null) throw error
      throw new FerruleError(
        'conflict',
        `there is an instance ${prepared.instance.name} already`,
        'Choose another name, or destroy it first.',
        { field: 'name' },
      )
    })
  const instance = await instanceById(db, prepared.instance.id)
  if (!instance) throw new Error('the instance vanished after its transaction')
  return { instance, operation: (await latestOperation(db, { instanceId: instance.id })) ?? operation }
}

/** After a failed deploy the host is being erased, and comes back by itself; after a failed reinstall it stays the instance's. */
async function refuseIfItKeepsAHost(client: Queryable, old: Instance): Promise<void> {
  if (old.hostId === null) return
  const latest = await latestOperation(client, { instanceId: old.id })
  if (latest && !latest.endedAt) return
  throw new FerruleError(
    'conflict',
    `instance ${old.name} failed, and keeps its host`,
    `Reinstall it ("ferrule instance reinstall ${old.name}"), or destroy it first.`,
    { field: 'name' },
  )
}

/** What must not change between a look at the devices of a host and the hold on it: its wiring, and that no operation was at work on it. */
async function sightOf(db: Queryable, hostId: string, own: string | null): Promise<string> {
  const host = await hostById(db, hostId)
  return JSON.stringify([host?.nics, host?.bmc, await countOperationsOn(db, hostId, own)])
}
