import type { ErrorBody } from '../domain/errors.ts'
import type { ParkedAt } from '../saga/types.ts'
import type { Queryable } from './database.ts'

export type OperationKind =
  | 'deploy'
  | 'start'
  | 'stop'
  | 'reboot'
  | 'destroy'
  | 'attach'
  | 'detach'
  | 'enlist'
  | 'reinstall'
  | 'heal'
export type OperationState =
  | 'queued'
  | 'running'
  | 'undoing'
  | 'parked'
  | 'succeeded'
  | 'undone'
  | 'cancelled'

export interface Operation {
  id: string
  number: number
  kind: OperationKind
  ref: string
  state: OperationState
  hostId: string | null
  /** Name of its host; null: none is chosen yet, or it was removed. */
  host: string | null
  instanceId: string | null
  /** Name of its instance, which a destroyed one keeps. */
  instance: string | null
  cancelRequested: string | null
  error: ErrorBody | null
  parked: ParkedAt | null
  createdBy: string
  createdAt: string
  startedAt: string | null
  endedAt: string | null
}

export interface OperationStep {
  seq: number
  name: string
  title: string
  direction: 'do' | 'undo'
  attempt: number
  state: 'running' | 'done' | 'failed'
  startedAt: string
  endedAt: string | null
  output: unknown
  error: ErrorBody | null
}

interface OperationRow {
  id: string
  number: string
  kind: OperationKind
  ref: string
  state: OperationState
  host_id: string | null
  host_name: string | null
  instance_id: string | null
  instance_name: string | null
  cancel_requested: string | null
  error: ErrorBody | null
  parked: ParkedAt | null
  created_by: string
  created_at: Date
  started_at: Date | null
  ended_at: Date | null
}

function toOperation(row: OperationRow): Operation {
  return {
    id: row.id,
    number: Number(row.number),
    kind: row.kind,
    ref: row.ref,
    state: row.state,
    hostId: row.host_id,
    host: row.host_name,
    instanceId: row.instance_id,
    instance: row.instance_name,
    cancelRequested: row.cancel_requested,
    error: row.error,
    // parked by a version that did not say what follows: nothing is skipped there before the next attempt has told
    parked: row.parked && {
      ...row.parked,
      title: row.parked.title ?? row.parked.step,
      skip: row.parked.skip ?? null,
    },
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
  }
}

/** An operation with the names of what it is about, which may be called otherwise by its end than at its begin. */
const FIELDS = `operation.*, (select name from host where host.id = operation.host_id) as host_name,
  (select name from instance where instance.id = operation.instance_id) as instance_name`

/** For streams and waiting calls: in the statement that changes the row, for a statement of its own costs as much again. */
const ANNOUNCE = `pg_notify('ferrule', json_build_object('operation', operation.id)::text)`

export async function insertOperation(
  db: Queryable,
  operation: {
    id: string
    kind: OperationKind
    ref: string
    hostId: string | null
    instanceId: string | null
    input: unknown
    createdBy: string
  },
): Promise<Operation> {
  const { rows } = await db.query<OperationRow>(
    `insert into operation (id, kind, ref, host_id, instance_id, input, created_by) values ($1, $2, $3, $4, $5, $6, $7) returning ${FIELDS}, ${ANNOUNCE}`,
    [
      operation.id,
      operation.kind,
      operation.ref,
      operation.hostId,
      operation.instanceId,
      JSON.stringify(operation.input),
      operation.createdBy,
    ],
  )
  const row = rows[0]
  if (!row) throw new Error('insert returned no row')
  return toOperation(row)
}

export async function operationById(db: Queryable, id: string): Promise<Operation | null> {
  const { rows } = await db.query<OperationRow>(`select ${FIELDS} from operation where id = $1`, [id])
  return rows[0] ? toOperation(rows[0]) : null
}

export async function operationByNumber(db: Queryable, number: number): Promise<Operation | null> {
  const { rows } = await db.query<OperationRow>(`select ${FIELDS} from operation where number = $1`, [number])
  return rows[0] ? toOperation(rows[0]) : null
}

/** Newest first, before a number (a cursor). `text`: part of the name of the host or of the instance, in any case. */
export async function listOperations(
  db: Queryable,
  where: {
    before?: number
    limit: number
    instanceId?: string
    hostId?: string
    text?: string
    live?: boolean
  },
): Promise<Operation[]> {
  const { rows } = await db.query<OperationRow>(
    `select ${FIELDS} from operation where ($1::bigint is null or number < $1) and ($2::uuid is null or instance_id = $2) and ($3::uuid is null or host_id = $3)
       and (not $4::boolean or ended_at is null)
       and ($6::text is null or host_id in (select id from host where strpos(lower(name), lower($6)) > 0)
         or instance_id in (select id from instance where strpos(lower(name), lower($6)) > 0))
     order by number desc limit $5`,
    [
      where.before ?? null,
      where.instanceId ?? null,
      where.hostId ?? null,
      where.live ?? false,
      where.limit,
      where.text ?? null,
    ],
  )
  return rows.map(toOperation)
}

/** The operation that is at work on an instance, or the newest one that was. */
export async function latestOperation(
  db: Queryable,
  of: { instanceId?: string; hostId?: string },
): Promise<Operation | null> {
  const { rows } = await db.query<OperationRow>(
    `select ${FIELDS} from operation where ($1::uuid is null or instance_id = $1) and ($2::uuid is null or host_id = $2) order by ended_at is not null, number desc limit 1`,
    [of.instanceId ?? null, of.hostId ?? null],
  )
  return rows[0] ? toOperation(rows[0]) : null
}

/** How many a host has had, those at work on it included, but `except`. */
export async function countOperationsOn(
  db: Queryable,
  hostId: string,
  except: string | null,
): Promise<number> {
  const { rows } = await db.query<{ count: string }>(
    'select count(*) from operation where host_id = $1 and ($2::uuid is null or id <> $2)',
    [hostId, except],
  )
  return Number(rows[0]?.count ?? 0)
}

/** The newest one of an instance that ended with an error which became the instance's own. */
export async function failedOperation(db: Queryable, instanceId: string): Promise<Operation | null> {
  const { rows } = await db.query<OperationRow>(
    `select ${FIELDS} from operation where instance_id = $1 and error is not null and kind <> 'destroy' order by number desc limit 1`,
    [instanceId],
  )
  return rows[0] ? toOperation(rows[0]) : null
}

/** What it was asked for. */
export async function inputOf(db: Queryable, operationId: string): Promise<unknown> {
  const { rows } = await db.query<{ input: unknown }>('select input from operation where id = $1', [
    operationId,
  ])
  return rows[0]?.input ?? null
}

export async function stepsOf(db: Queryable, operationId: string): Promise<OperationStep[]> {
  const { rows } = await db.query<{
    seq: number
    name: string
    title: string
    direction: 'do' | 'undo'
    attempt: number
    state: OperationStep['state']
    started_at: Date
    ended_at: Date | null
    output: unknown
    error: ErrorBody | null
  }>('select * from operation_step where operation_id = $1 order by started_at, seq', [operationId])
  return rows.map((row) => ({
    seq: row.seq,
    name: row.name,
    title: row.title,
    direction: row.direction,
    attempt: row.attempt,
    state: row.state,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    output: row.output,
    error: row.error,
  }))
}

/** The host is known only once the planner has chosen. */
export async function setOperationHost(db: Queryable, id: string, hostId: string): Promise<void> {
  await db.query('update operation set host_id = $2 where id = $1', [id, hostId])
}

/** The step that ends it, its last, is done with it. */
export async function endOperation(
  db: Queryable,
  id: string,
  state: 'succeeded' | 'undone' | 'cancelled',
  error: ErrorBody | null,
): Promise<void> {
  await db.query(
    `with ended as (
       update operation set state = $2, error = $3, parked = null, ended_at = coalesce(ended_at, now()) where id = $1
       returning *, pg_notify('ferrule', json_build_object('operation', operation.id, 'ended', true)::text)
     ), steps as (
       update operation_step set state = 'done', ended_at = now(), error = null where operation_id = $1 and state = 'running'
     )
     insert into event (kind, operation_id, host_id, instance_id, message, data)
     select 'operation.' || state, id, host_id, instance_id,
       kind || ' ' || case when state = 'cancelled' and error is not null then error ->> 'message'
         else state || coalesce(': ' || (error ->> 'message'), '') end, '{}' from ended`,
    [id, state, error === null ? null : JSON.stringify(error)],
  )
}

/** Asks a running operation to stop and undo; the operation decides when it can. To destroy outdoes every other reason. */
export async function requestCancel(db: Queryable, id: string, reason: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update operation set cancel_requested = case when $2 = 'destroy' then $2 else coalesce(cancel_requested, $2) end where id = $1 and ended_at is null`,
    [id, reason],
  )
  return rowCount === 1
}
