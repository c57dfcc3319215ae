import type { ErrorBody } from '../domain/errors.ts'
import type { Journal, ParkedAt } from '../saga/types.ts'
import type { Database } from './database.ts'
import { COMMIT_LAZILY } from './database.ts'

/**
 * The operation's own record of its steps; every change is announced on channel `ferrule` for streams and waiting calls.
 * Steps are recorded without waiting for the disk: the engine's own record of the step's result comes after, and takes
 * ours to the disk with it; a step whose beginning was lost is begun again, and the end of one that is done is written
 * with the beginning of the next. Nothing of an operation that has ended is changed any more, whatever the engine still
 * runs of it.
 */
export function createJournal(db: Database): Journal {
  return {
    async load(operationId) {
      const { rows } = await db.query<{ number: string; kind: string; input: unknown }>(
        'select number, kind, input from operation where id = $1',
        [operationId],
      )
      const row = rows[0]
      return row ? { number: Number(row.number), kind: row.kind, input: row.input } : null
    },

    async stepStarted(step, before) {
      const { rows } = await db.query<{
        started: Date | null
        cancel_requested: string | null
        ended: boolean
      }>(
        `with before as (
           update operation_step set state = 'done', ended_at = now(), output = $9, error = null
           where operation_id = $1 and direction = $7 and name = $8 and state = 'running'
         ), step as (
           insert into operation_step (operation_id, seq, name, title, direction, attempt, state, started_at)
           select id, $2::int, $3, $4, $5, $6::int, 'running', now() from operation where id = $1 and ended_at is null
           on conflict (operation_id, direction, name)
             do update set attempt = greatest(operation_step.attempt, excluded.attempt), state = 'running', ended_at = null
           returning started_at
         ), running as (
           update operation set state = 'running', started_at = now() where id = $1 and state = 'queued'
         )
         select step.started_at as started, operation.cancel_requested, operation.ended_at is not null as ended,
                pg_notify('ferrule', json_build_object('operation', operation.id)::text), ${COMMIT_LAZILY}
         from operation left join step on true where operation.id = $1`,
        [
          step.operationId,
          step.seq,
          step.name,
          step.title,
          step.direction,
          step.attempt,
          before?.step.direction ?? null,
          before?.step.name ?? null,
          JSON.stringify(before?.output ?? null),
        ],
      )
      const row = rows[0]
      return {
        firstStartedAt: row?.started?.getTime() ?? Date.now(),
        cancelRequested: row?.cancel_requested ?? null,
        ended: row?.ended ?? false,
      }
    },

    async stepFailed(step, error) {
      await db.query(
        `update operation_step set state = 'failed', ended_at = now(), error = $4
         where operation_id = $1 and direction = $2 and name = $3 returning ${COMMIT_LAZILY}`,
        [step.operationId, step.direction, step.name, JSON.stringify(error)],
      )
    },

    async cancelRequested(operationId) {
      const { rows } = await db.query<{ cancel_requested: string | null }>(
        'select cancel_requested from operation where id = $1',
        [operationId],
      )
      return rows[0]?.cancel_requested ?? null
    },

    async undoing(operationId: string, error: ErrorBody) {
      await db.query(
        `with undone as (
           update operation set state = 'undoing', error = $2 where id = $1 and ended_at is null returning id, instance_id, host_id, kind
         ), shown as (
           update instance set state = case when instance.state in ('deploying') then 'undoing' else instance.state end
           from undone where instance.id = undone.instance_id and undone.kind in ('deploy', 'start', 'reinstall')
         )
         insert into event (kind, operation_id, host_id, instance_id, message, data)
         select 'operation.undoing', id, host_id, instance_id, $3, $2 from undone`,
        [operationId, JSON.stringify(error), `undoing because: ${error.message}`],
      )
      await announce(db, operationId)
    },

    async parked(operationId: string, parked: ParkedAt | null) {
      const body = parked === null ? null : JSON.stringify(parked)
      await db.query(
        `update operation set parked = $2,
           state = case when $2::jsonb is not null then 'parked' when error is not null then 'undoing' else 'running' end
         where id = $1 and ended_at is null`,
        [operationId, body],
      )
      if (parked)
        await note(
          db,
          operationId,
          'operation.parked',
          `parked at "${parked.title}": ${parked.error.message}`,
          {
            parked,
          },
        )
      await announce(db, operationId)
    },

    note: (operationId, message, data) => note(db, operationId, 'operation.note', message, data),
  }
}

async function note(
  db: Database,
  operationId: string,
  kind: string,
  message: string,
  data: Record<string, unknown>,
): Promise<void> {
  await db.query(
    `with added as (
       insert into event (kind, operation_id, host_id, instance_id, message, data)
       select $2, id, host_id, instance_id, $3, $4 from operation where id = $1 returning id
     )
     select pg_notify('ferrule', json_build_object('event', id)::text) from added`,
    [operationId, kind, message, JSON.stringify(data)],
  )
}

async function announce(db: Database, operationId: string): Promise<void> {
  await db.query(`select pg_notify('ferrule', json_build_object('operation', $1::text)::text)`, [operationId])
}
