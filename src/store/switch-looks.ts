import type { PortDrift } from '../domain/port-drift.ts'
import type { PortSeen } from '../domain/three-sides.ts'
import type { Queryable } from './database.ts'

export interface SwitchLook {
  /** ISO time of the newest answer; null: it never answered. */
  at: string | null
  failure: string | null
  drift: PortDrift[]
  /** By port, what it carried at the newest look that could be believed. */
  seen: Record<string, PortSeen>
}

type LookOfPorts = Pick<SwitchLook, 'drift' | 'seen'>

/** By switch. Those in no rack configuration any more are gone. */
export async function switchLooks(db: Queryable): Promise<Map<string, SwitchLook>> {
  const { rows } = await db.query<{
    switch_id: string
    at: Date | null
    failure: string | null
    drift: PortDrift[]
    seen: SwitchLook['seen']
  }>('select switch_id, at, failure, drift, seen from switch_look order by switch_id')
  return new Map(
    rows.map(({ switch_id, at, failure, drift, seen }) => [
      switch_id,
      { at: at?.toISOString() ?? null, failure, drift, seen },
    ]),
  )
}

/** Of hosts that are still known. */
export async function portDrifts(db: Queryable): Promise<PortDrift[]> {
  const { rows } = await db.query<{ drift: PortDrift }>(
    `select one as drift from switch_look, jsonb_array_elements(drift) as one
     where exists (select from host where host.id = (one ->> 'hostId')::uuid) order by switch_id`,
  )
  return rows.map(({ drift }) => drift)
}

/** @returns what was known before, locked until the transaction ends */
export async function lockLook(db: Queryable, switchId: string): Promise<LookOfPorts> {
  const { rows } = await db.query<LookOfPorts>(
    'select drift, seen from switch_look where switch_id = $1 for update',
    [switchId],
  )
  return rows[0] ?? { drift: [], seen: {} }
}

export async function recordLook(
  db: Queryable,
  switchId: string,
  { drift, seen }: LookOfPorts,
): Promise<void> {
  await db.query(
    `insert into switch_look (switch_id, at, failure, drift, seen) select id, now(), null, $2, $3 from switch where id = $1
     on conflict (switch_id) do update set at = excluded.at, failure = null, drift = excluded.drift, seen = excluded.seen`,
    [switchId, JSON.stringify(drift), JSON.stringify(seen)],
  )
}

/** What was seen before stays: silence says nothing about ports. */
export async function recordFailedLook(db: Queryable, switchId: string, failure: string): Promise<void> {
  await db.query(
    `insert into switch_look (switch_id, failure) select id, $2 from switch where id = $1
     on conflict (switch_id) do update set failure = excluded.failure`,
    [switchId, failure],
  )
}

/** No host is on it any more. */
export async function forgetLook(db: Queryable, switchId: string): Promise<void> {
  await db.query('delete from switch_look where switch_id = $1', [switchId])
}

/** The database's time: what is compared with it was written there. */
export async function databaseTime(db: Queryable): Promise<Date> {
  const { rows } = await db.query<{ now: Date }>('select now()')
  return rows[0]?.now ?? new Date(0)
}

/** Those of these hosts that an operation has, or has had since then. */
export async function hostsChangedSince(
  db: Queryable,
  ids: readonly string[],
  since: Date,
): Promise<Set<string>> {
  const { rows } = await db.query<{ host_id: string }>(
    `select distinct host_id from operation where host_id = any($1) and (ended_at is null or ended_at >= $2)
     union select host_id from hold where host_id = any($1)`,
    [ids, since],
  )
  return new Set(rows.map((row) => row.host_id))
}
