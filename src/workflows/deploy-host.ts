import { FerruleError } from '../domain/errors.ts'
import { dirtyKeys } from '../domain/host.ts'
import type { Instance } from '../domain/instance.ts'
import { defaultNic } from '../domain/instance.ts'
import type { Offering } from '../domain/offering.ts'
import type { Choice } from '../domain/planner.ts'
import { chooseHost, tiedByMac } from '../domain/planner.ts'
import type { Outcome, StepContext } from '../saga/types.ts'
import { listOfferings } from '../store/catalogue.ts'
import {
  dirtyMarks,
  dropReservation,
  endTenancy,
  letGoHold,
  reservations,
  takeHold,
  takeTenancy,
} from '../store/holds.ts'
import { hostById, hostSituations, setMaasEventSeen } from '../store/hosts.ts'
import {
  instanceById,
  lockInstance,
  recordAttempt,
  setClear,
  setInstalledSystem,
  setInstanceState,
} from '../store/instances.ts'
import { endOperation, operationById, setOperationHost } from '../store/operations.ts'
import { chooseInTurn } from './in-turn.ts'
import type { DeployInput, DeployState } from './install-state.ts'
import { lagSwitches } from './lags.ts'
import { newestEvent } from './maas-machine.ts'
import { hostsOwnInCloud } from './own-in-cloud.ts'
import { isHolder, passToDestroy } from './pass-to-destroy.ts'
import type { Tools } from './tools.ts'

type Context = StepContext<DeployInput, DeployState>

/** Step 1: the planner's choice, made atomic by hold and tenancy; MAAS's allocate is the second lock. */
export async function chooseAndHold(tools: Tools, context: Context): Promise<Partial<DeployState>> {
  const operation = await operationById(tools.db, context.operation.id)
  if (operation?.hostId) {
    const host = await hostById(tools.db, operation.hostId)
    if (host) return { hostId: host.id, host: host.name }
  }
  const { input } = context
  const [instance, offerings] = await Promise.all([
    instanceById(tools.db, input.instanceId),
    listOfferings(tools.db),
  ])
  const offering = offerings.find((one) => one.id === instance?.offeringId)
  if (!instance || !offering)
    throw new FerruleError(
      'not-found',
      'the instance or its offering is gone',
      'Deploy again with an offering that exists.',
    )
  for (;;) {
    const won = await chooseInTurn(tools.db, async () => {
      const choice = await chooseFor(tools, input, instance, offering)
      const { hostId } = choice
      if (hostId === null) throw noHost(offering.name, choice.refused)
      if (!(await hold(tools, context, instance, hostId))) return null
      return { hostId, host: choice.host ?? hostId }
    })
    if (won) return won
    // another replica was faster
    await context.checkCancelled()
  }
}

/** The host that a deploy would get at this moment: of a plan, and of the operation. */
export async function chooseFor(
  tools: Tools,
  input: Pick<DeployInput, 'architecture' | 'avoid' | 'only'>,
  instance: Pick<Instance, 'externalId' | 'nics'>,
  offering: Offering,
): Promise<Choice> {
  // CloudStack's VM that is not tied to one of its hosts is a pool's; a deploy of the operator's own is nobody's
  const isPools = instance.externalId !== null && !input.only?.length
  const [reserved, fleet, switches, ownInCloud] = await Promise.all([
    reservations(tools.db),
    hostSituations(tools.db),
    lagSwitches(tools, offering.bondMode),
    isPools ? hostsOwnInCloud(tools.db) : new Map<string, string>(),
  ])
  const ours = reserved.find((one) => one.externalId === instance.externalId)
  return chooseHost(
    {
      offering,
      architecture: input.architecture,
      networks: instance.nics.length,
      avoid: new Set(input.avoid),
      reservedHostIds: new Set(reserved.map((one) => one.hostId)),
      reservedForUs: ours?.hostId ?? null,
      lagSwitches: switches,
      ownInCloud,
      only: [...tiedByMac(fleet, defaultNic(instance.nics)?.mac), ...(input.only ?? [])],
    },
    fleet,
  )
}

/** @returns false if somebody else has taken the host since it was chosen */
async function hold(tools: Tools, context: Context, instance: Instance, hostId: string): Promise<boolean> {
  return tools.db.transaction(async (client) => {
    try {
      await takeHold(client, hostId, context.operation.id, tools.executor)
    } catch (error) {
      if (error instanceof FerruleError && error.code === 'held') return false
      throw error
    }
    await takeTenancy(client, hostId, instance.id)
    await setOperationHost(client, context.operation.id, hostId)
    if (instance.externalId) await dropReservation(client, instance.externalId)
    return true
  })
}

export function noHost(
  offering: string,
  refused: readonly { host: string; reasons: string[] }[],
): FerruleError {
  const lines = refused.map((one) => `${one.host}: ${one.reasons.join('; ')}`)
  const summary =
    lines.length === 0
      ? 'there are no hosts at all'
      : lines.slice(0, 4).join(' | ') + (lines.length > 4 ? ` | and ${lines.length - 4} more` : '')
  return new FerruleError(
    'no-host',
    `no host fits offering ${offering}: ${summary}`,
    'Free or add a host, or choose another offering; "ferrule plan deploy" shows every host with its reasons.',
    { refused: refused.map((one) => ({ ...one })) },
  )
}

/**
 * Undo of step 1. A host that stayed clean is let go. A dirty one passes, hold and all and without a moment in between,
 * to a destroy operation; the tenancy stays until that one's certificate.
 */
export async function handOverToDestroy(tools: Tools, context: Context): Promise<void> {
  const operation = await operationById(tools.db, context.operation.id)
  if (!operation?.hostId) return
  const host = await hostById(tools.db, operation.hostId)
  if (!host) return
  const dirty = (await dirtyMarks(tools.db, dirtyKeys(host))).length > 0
  await recordAttempt(tools.db, context.input.instanceId, {
    operationId: context.operation.id,
    hostId: host.id,
    at: new Date(tools.now()).toISOString(),
    hadEffects: dirty,
  })
  if (!dirty) {
    // MAAS's events are not called seen here: a clean attempt boots nothing, so what touched the disks was somebody else
    await tools.db.transaction(async (client) => {
      if (!(await isHolder(client, host.id, context.operation.id))) return
      await endTenancy(client, host.id)
      await letGoHold(client, host.id, context.operation.id)
    })
    return
  }
  await tools.db.transaction(async (client) => {
    if (!(await isHolder(client, host.id, context.operation.id))) return
    const { instanceId, erase } = context.input
    await passToDestroy(tools, client, context.operation, { hostId: host.id, instanceId, erase })
  })
}

export async function settleDeploy(tools: Tools, context: Context, outcome: Outcome): Promise<void> {
  const { instanceId } = context.input
  const hostId = context.state.hostId ?? null
  const host = hostId ? await hostById(tools.db, hostId) : null
  const newest = host?.systemId && outcome.state === 'succeeded' ? await newestEvent(tools, host.systemId) : 0
  await tools.db.transaction(async (client) => {
    // locked, so that neither a wish to destroy nor the end of a destroy comes between this look and what we write
    await lockInstance(client, instanceId)
    const operation = await operationById(client, context.operation.id)
    const destroyAsked = operation?.cancelRequested === 'destroy'
    if (outcome.state === 'succeeded' && hostId) {
      if (!(await isHolder(client, hostId, context.operation.id))) return
      await setInstalledSystem(client, instanceId, { systemNics: context.state.tagged ?? null })
      await setInstanceState(client, instanceId, destroyAsked ? 'destroying' : 'running')
      await setClear(client, instanceId, false)
      await setMaasEventSeen(client, hostId, newest)
      // asked for too late to be cut short
      if (destroyAsked)
        await passToDestroy(tools, client, context.operation, {
          hostId,
          instanceId,
          erase: context.input.erase,
        })
      await letGoHold(client, hostId, context.operation.id)
      await endOperation(client, context.operation.id, 'succeeded', null)
      return
    }
    const error = outcome.state === 'succeeded' ? null : outcome.error
    const { rows } = await client.query('select from tenancy where instance_id = $1', [instanceId])
    const wiping = rows.length > 0
    // nothing of it is on any port: its own undo parked them
    await setClear(client, instanceId, true)
    if (destroyAsked) await setInstanceState(client, instanceId, wiping ? 'destroying' : 'destroyed')
    else
      await setInstanceState(
        client,
        instanceId,
        'failed',
        error ? { code: error.code, message: error.message, remedy: error.remedy } : null,
      )
    await endOperation(client, context.operation.id, outcome.state, error)
  })
}
