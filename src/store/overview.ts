import type { Queryable } from './database.ts'
import type { Operation } from './operations.ts'
import { operationById } from './operations.ts'

/** So many of the newest that succeeded are looked at, for each kind. */
const HISTORY = 50

export interface UsualDuration {
  kind: string
  /** Half of them needed at most as long. Milliseconds. */
  medianMs: number
  /** 19 of 20 needed at most as long. Milliseconds. */
  mostMs: number
  count: number
}

/** How long this site's own operations took, by kind. */
export async function usualDurations(db: Queryable): Promise<UsualDuration[]> {
  const { rows } = await db.query<{ kind: string; median: number; most: number; count: string }>(
    `select kind, count(*), percentile_cont(0.5) within group (order by ms) as median, percentile_cont(0.95) within group (order by ms) as most
     from (
       select kind, extract(epoch from ended_at - coalesce(started_at, created_at)) * 1000 as ms,
         row_number() over (partition by kind order by number desc) as age
       from operation where state = 'succeeded'
     ) as ended where age <= $1 group by kind order by kind`,
    [HISTORY],
  )
  return rows.map(({ kind, median, most, count }) => ({
    kind,
    medianMs: Math.round(median),
    mostMs: Math.round(most),
    count: Number(count),
  }))
}

/** Ended without success within so many hours, where nothing on the same thing has succeeded or begun since. */
export async function lastingFailures(db: Queryable, hours: number, limit: number): Promise<Operation[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from operation as failed where state = 'undone' and cancel_requested is null and ended_at > now() - make_interval(hours => $1)
       and (host_id is null or exists (select from host where host.id = failed.host_id))
       and not exists (
         select from operation as later where later.number > failed.number and later.state <> 'undone'
           and (later.instance_id = failed.instance_id or later.host_id = failed.host_id)
       )
     order by number desc limit $2`,
    [hours, limit],
  )
  const found = await Promise.all(rows.map(({ id }) => operationById(db, id)))
  return found.filter((operation) => operation !== null)
}

/** When something last went wrong, or came right again; null: never. */
export async function lastTrouble(db: Queryable): Promise<string | null> {
  const { rows } = await db.query<{ at: Date | null }>(
    `select max(at) as at from event where kind in ('operation.undone', 'operation.parked', 'operation.retry', 'operation.skip', 'operation.cancelled',
       'host.power', 'host.power-unknown', 'host.power-known', 'host.confirmed', 'host.removed', 'host.drift', 'host.drift-over')`,
  )
  return rows[0]?.at?.toISOString() ?? null
}

/** When this installation began. */
export async function begunAt(db: Queryable): Promise<string | null> {
  const { rows } = await db.query<{ at: Date | null }>('select min(at) as at from event')
  return rows[0]?.at?.toISOString() ?? null
}
