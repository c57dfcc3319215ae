import type pg from 'pg'
import { FerruleError } from '../domain/errors.ts'
import type { StepRecord } from '../domain/step-record.ts'
import { recordSteps } from '../domain/step-record.ts'
import type { FerruleEvent } from '../store/events.ts'
import { insertEvent, listEvents, newestEventsOfOperation } from '../store/events.ts'
import { takeHold } from '../store/holds.ts'
import type { Operation, OperationKind, OperationStep } from '../store/operations.ts'
import {
  inputOf,
  insertOperation,
  listOperations,
  operationById,
  operationByNumber,
  requestCancel,
  stepsOf,
} from '../store/operations.ts'
import { refsOfAllReplicas } from '../store/replicas.ts'
import { sagas } from '../workflows/catalogue.ts'
import type { Caller, Services } from './context.ts'
import { keepRequest } from './requests.ts'

export interface OperationView extends Operation {
  /** What it was asked for. */
  input: unknown
  steps: (OperationStep & StepRecord<FerruleEvent>)[]
  /** All steps of the saga in order, so that what is still to come can be shown. */
  planned: { name: string; title: string }[]
}

/** What an operation that is parked for long notes at each try would otherwise grow for ever. */
const evidenceAtOnce = 200

/** Which version of a saga new operations get. */
const refs: Record<OperationKind, string> = {
  deploy: 'deploy@1',
  start: 'start@1',
  stop: 'stop@1',
  reboot: 'reboot@1',
  destroy: 'destroy@1',
  attach: 'attach@1',
  detach: 'detach@1',
  enlist: 'enlist@1',
  reinstall: 'reinstall@1',
  heal: 'heal@1',
}

/**
 * The one place where operations begin: record, hold, engine start and the key of the request in the caller's
 * transaction, so that what is wanted and what will be done are never apart, and a request that comes again after a
 * crash finds its operation.
 *
 * @throws RepeatedRequest: this request has begun its operation already.
 */
export async function beginOperation(
  services: Services,
  client: pg.PoolClient,
  caller: Caller,
  operation: { kind: OperationKind; hostId: string | null; instanceId: string | null; input: unknown },
): Promise<Operation> {
  const { tools } = services
  const ref = refs[operation.kind]
  const known = await refsOfAllReplicas(client, services.settings.replicaLeaseMs)
  if (!known.has(ref)) {
    throw new FerruleError(
      'wrong-state',
      `not every running replica knows ${ref} yet`,
      'An upgrade is under way: try again when all replicas run the new version.',
      { ref },
    )
  }
  const row = await insertOperation(client, { id: tools.newId(), ref, createdBy: caller.name, ...operation })
  await keepRequest(client, caller, row.id)
  if (operation.hostId) await takeHold(client, operation.hostId, row.id, tools.executor)
  await tools.starter.start(client, row.id, ref, {
    number: row.number,
    kind: row.kind,
    input: operation.input,
  })
  return row
}

/** By id or by number. */
export async function findOperation(services: Services, key: string): Promise<Operation> {
  const { db } = services.tools
  const operation = /^\d+$/.test(key)
    ? await operationByNumber(db, Number(key))
    : /^[0-9a-f-]{36}$/i.test(key)
      ? await operationById(db, key)
      : null
  if (!operation)
    throw new FerruleError(
      'not-found',
      `there is no operation ${key}`,
      'List them with "ferrule operation list".',
      { operation: key },
    )
  return operation
}

export async function operationView(services: Services, key: string): Promise<OperationView> {
  const operation = await findOperation(services, key)
  return viewWith(
    services,
    operation,
    await newestEventsOfOperation(services.tools.db, operation.id, evidenceAtOnce),
  )
}

async function viewWith(
  services: Services,
  operation: Operation,
  seen: readonly FerruleEvent[],
): Promise<OperationView> {
  const { db } = services.tools
  const saga = sagas.find((one) => one.ref === operation.ref)
  const [input, steps] = await Promise.all([inputOf(db, operation.id), stepsOf(db, operation.id)])
  const records = recordSteps(steps, seen)
  return {
    ...operation,
    input,
    steps: steps.flatMap((step, index) => {
      const record = records[index]
      return record === undefined ? [] : [{ ...step, ...record }]
    }),
    planned: (saga?.steps ?? []).map(({ name, title }) => ({ name, title })),
  }
}

/** All that is recorded of an operation: what a report of a fault needs. */
export async function operationRecord(
  services: Services,
  key: string,
): Promise<{ operation: OperationView; events: FerruleEvent[] }> {
  const { id } = await findOperation(services, key)
  const all: FerruleEvent[] = []
  for (;;) {
    const found = await listEvents(services.tools.db, {
      operationId: id,
      after: all.at(-1)?.id ?? 0,
      limit: evidenceAtOnce,
    })
    all.push(...found)
    if (found.length < evidenceAtOnce) break
  }
  return { operation: await viewWith(services, await findOperation(services, id), all), events: all }
}

export async function operations(
  services: Services,
  where: Parameters<typeof listOperations>[1],
): Promise<Operation[]> {
  return listOperations(services.tools.db, where)
}

export async function cancelOperation(
  services: Services,
  caller: Caller,
  key: string,
  reason = `${caller.name} asked`,
): Promise<Operation> {
  const operation = await findOperation(services, key)
  if (operation.endedAt)
    throw new FerruleError(
      'wrong-state',
      `operation ${operation.number} has ended (${operation.state})`,
      'Nothing to cancel.',
      { state: operation.state },
    )
  const fault = cannotBeCancelled(operation)
  if (fault !== null)
    throw new FerruleError(
      'wrong-state',
      `a ${operation.kind} cannot be cancelled${fault}`,
      'Let it end; if it is parked, remove the cause and retry it.',
      { kind: operation.kind },
    )
  await requestCancel(services.tools.db, operation.id, reason)
  await insertEvent(services.tools.db, {
    kind: 'operation.cancel',
    operationId: operation.id,
    message: `${caller.name} asked to cancel ${operation.kind} ${operation.number}`,
  })
  await services.tools.starter.wake(operation.id, {})
  return findOperation(services, operation.id)
}

/** Nothing that is accepted stays without effect: null only where a cancel still takes something back. */
function cannotBeCancelled({ ref, parked }: Operation): string | null {
  const saga = sagas.find((one) => one.ref === ref)
  if (saga?.oneWayFrom !== undefined && saga.oneWayFrom === saga.steps[0]?.name)
    return ': it is one-way from its first step'
  if (parked?.direction === 'undo') return ' any more: what it did is being taken back already'
  // what is parked in its do is behind the point of no return; some sagas come out of that part again
  if (parked && saga?.oneWayTo === undefined) return ' any more: it is behind its point of no return'
  return null
}

/** Ends the pause of a step that is being tried again. */
export async function retryOperation(services: Services, caller: Caller, key: string): Promise<Operation> {
  const operation = await findOperation(services, key)
  if (operation.endedAt)
    throw new FerruleError(
      'wrong-state',
      `operation ${operation.number} has ended (${operation.state})`,
      'Start a new one.',
      { state: operation.state },
    )
  await insertEvent(services.tools.db, {
    kind: 'operation.retry',
    operationId: operation.id,
    message: `${caller.name} asked to retry ${operation.kind} ${operation.number} now`,
  })
  await services.tools.starter.wake(operation.id, {})
  return operation
}

export async function skipStep(
  services: Services,
  caller: Caller,
  key: string,
  step: string,
  reason: string,
): Promise<Operation> {
  const operation = await findOperation(services, key)
  if (operation.parked?.step !== step)
    throw new FerruleError(
      'wrong-state',
      `operation ${operation.number} is not parked at ${step}`,
      'Look at it with "ferrule operation show".',
      { parked: operation.parked?.step ?? null },
    )
  if (operation.parked.skip === null)
    throw new FerruleError(
      'forbidden',
      `step ${step} of a ${operation.kind} must not be skipped: it protects a tenant`,
      'Remove the cause and retry.',
      { step },
    )
  await insertEvent(services.tools.db, {
    kind: 'operation.skip',
    operationId: operation.id,
    message: `${caller.name} skipped ${step}: ${reason}`,
    data: { step, reason, follows: operation.parked.skip },
  })
  await services.tools.starter.wake(operation.id, { skip: { step, reason } })
  return operation
}
