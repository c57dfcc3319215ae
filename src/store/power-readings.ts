import type { PowerReading } from '../domain/host.ts'
import type { LookFailure } from '../domain/power-breaker.ts'
import type { Queryable } from './database.ts'
import { COMMIT_LAZILY } from './database.ts'

/** An action's own reading: begins a new epoch, so that a slower observer's older reading is dropped. */
export async function setPower(db: Queryable, hostId: string, state: PowerReading['state']): Promise<void> {
  await db.query(
    `insert into power_reading (host_id, state, at, since, known, known_at, epoch)
     select id, $2, now(), now(), nullif($2, 'unknown'), case when $2 <> 'unknown' then now() end, 1 from host where id = $1
     on conflict (host_id) do update set
       since = case when power_reading.state = excluded.state then power_reading.since else excluded.since end,
       state = excluded.state, at = excluded.at,
       known = coalesce(excluded.known, power_reading.known), known_at = coalesce(excluded.known_at, power_reading.known_at),
       epoch = power_reading.epoch + 1, failures = 0, failure = null, next_look = null, refused = null
     returning ${COMMIT_LAZILY}`,
    [hostId, state],
  )
}

/** What a look has seen, of the epoch that it began in. */
export interface SeenPower {
  hostId: string
  epoch: number
  state: 'on' | 'off'
  /** Milliseconds since it was seen. */
  age: number
}

export interface ReadingBefore {
  hostId: string
  state: PowerReading['state']
  known: 'on' | 'off' | null
  /** How long it has been in the state that it is in now. Milliseconds. */
  sinceMs: number
}

/**
 * Of many readings those that say what the record says already, of a BMC that was well before: only their age is new.
 * The rest is left as it is. That is nearly all readings nearly always, so it is worth a statement without a transaction.
 */
export async function refreshSeen(db: Queryable, seen: readonly SeenPower[]): Promise<ReadingBefore[]> {
  const { rows } = await db.query<BeforeRow>(
    `with seen as (
       select host_id, epoch, state, now() - age * interval '1 millisecond' as at
       from unnest($1::uuid[], $2::bigint[], $3::text[], $4::float8[]) as seen (host_id, epoch, state, age)
     ), written as (
       update power_reading as reading set at = seen.at, known_at = seen.at
       from seen
       where reading.host_id = seen.host_id and reading.epoch = seen.epoch
         and reading.state = seen.state and reading.known = seen.state and reading.failures = 0
       returning reading.host_id, reading.state, reading.known, reading.since
     )
     select host_id, state, known, extract(epoch from now() - since) * 1000 as since_ms, ${COMMIT_LAZILY} from written`,
    columns(seen),
  )
  return rows.map(toBefore)
}

/**
 * Many readings in one statement. Only those count between whose look and now no action came; what was recorded before
 * is told of these.
 */
export async function recordSeen(db: Queryable, seen: readonly SeenPower[]): Promise<ReadingBefore[]> {
  const { rows } = await db.query<BeforeRow>(
    `with seen as (
       select host_id, epoch, state, now() - age * interval '1 millisecond' as at
       from unnest($1::uuid[], $2::bigint[], $3::text[], $4::float8[]) as seen (host_id, epoch, state, age)
     ), written as (
       update power_reading as reading set
         state = seen.state, at = seen.at, known = seen.state, known_at = seen.at,
         since = case when before.state = seen.state then before.since else seen.at end,
         failures = 0, failure = null, next_look = null, refused = null
       from seen join power_reading as before using (host_id)
       where reading.host_id = seen.host_id and reading.epoch = seen.epoch
       returning reading.host_id, before.state, before.known, reading.since
     )
     select host_id, state, known, extract(epoch from now() - since) * 1000 as since_ms, ${COMMIT_LAZILY} from written`,
    columns(seen),
  )
  return rows.map(toBefore)
}

function columns(seen: readonly SeenPower[]): unknown[][] {
  return [
    seen.map((one) => one.hostId),
    seen.map((one) => one.epoch),
    seen.map((one) => one.state),
    seen.map((one) => one.age),
  ]
}

/** A look that failed. */
export interface FailedLook {
  hostId: string
  epoch: number
  failure: LookFailure
  failures: number
  /** Milliseconds until the next look. */
  nextLook: number
  refused: string | null
  /** Is the state unknown by now? Else what was seen before stands, and grows older. */
  unknown: boolean
}

export async function recordFailed(db: Queryable, failed: readonly FailedLook[]): Promise<ReadingBefore[]> {
  const { rows } = await db.query<BeforeRow>(
    `with failed as (
       select * from jsonb_to_recordset($1) as failed
         ("hostId" uuid, epoch bigint, failure jsonb, failures int, "nextLook" float8, refused text, "unknown" boolean)
     ), written as (
       update power_reading as reading set
         state = case when failed."unknown" then 'unknown' else before.state end,
         at = case when failed."unknown" then now() else before.at end,
         since = case when failed."unknown" and before.state <> 'unknown' then now() else coalesce(before.since, now()) end,
         failures = failed.failures, failure = failed.failure, refused = failed.refused,
         next_look = now() + failed."nextLook" * interval '1 millisecond'
       from failed join power_reading as before on before.host_id = failed."hostId"
       where reading.host_id = failed."hostId" and reading.epoch = failed.epoch
       returning reading.host_id, before.state, before.known, reading.since
     )
     select host_id, state, known, extract(epoch from now() - since) * 1000 as since_ms, ${COMMIT_LAZILY} from written`,
    [JSON.stringify(failed)],
  )
  return rows.map(toBefore)
}

interface BeforeRow {
  host_id: string
  state: PowerReading['state']
  known: 'on' | 'off' | null
  since_ms: string
}

function toBefore(row: BeforeRow): ReadingBefore {
  return { hostId: row.host_id, state: row.state, known: row.known, sinceMs: Number(row.since_ms) }
}

/** Of the whole site, for the metrics. */
export interface PowerSummary {
  states: { state: PowerReading['state']; count: number }[]
  /** Milliseconds since the oldest reading that says on or off, of a host that no operation has; null: there is none. */
  oldest: number | null
}

export async function powerSummary(db: Queryable): Promise<PowerSummary> {
  const { rows } = await db.query<{ state: PowerReading['state']; count: string; oldest: string | null }>(
    `select coalesce(reading.state, 'unknown') as state, count(*),
       extract(epoch from now() - min(reading.at) filter (where hold.host_id is null and reading.state <> 'unknown')) * 1000 as oldest
     from host left join power_reading as reading on reading.host_id = host.id left join hold on hold.host_id = host.id
     group by 1`,
  )
  const ages = rows.flatMap((row) => (row.oldest === null ? [] : [Number(row.oldest)]))
  return {
    states: rows.map((row) => ({ state: row.state, count: Number(row.count) })),
    oldest: ages.length === 0 ? null : Math.max(...ages),
  }
}
