import type { Attention, PowerPolicy } from '../domain/host.ts'
import type { InstanceState } from '../domain/instance.ts'
import type { Enforcements } from '../domain/power-policy.ts'
import type { Queryable } from './database.ts'

/** Stands for all that a login is made with; another one means that a refused login is worth a try. */
const CREDENTIALS = `md5(concat_ws('|', host.bmc_protocol, host.bmc_address, host.bmc_username, host.bmc_password_sealed,
  coalesce(host.bmc_kg_sealed, ''), coalesce(host.bmc_fingerprint, ''), coalesce(host.bmc_system, '')))`

/** Where a person switches the host there is nothing to look at: their word is recorded when they say it. */
const HAS_A_BMC = `host.bmc_protocol <> 'manual'`

/** A host that may be looked at, and what is known of the looks before, whichever replica had them. */
export interface WatchedHost {
  id: string
  bmcAddress: string
  failures: number
  /** Milliseconds until it may be looked at again after a failure; null: no failure. */
  nextLook: number | null
  refused: string | null
}

interface WatchedRow {
  id: string
  bmc_address: string | null
  failures: number
  next_look: string | null
  refused: string | null
}

/** All hosts with a BMC, or those of them that were added since a while. Each has a row for its readings from now on. */
export async function watchedHosts(db: Queryable, addedWithinMs: number | null): Promise<WatchedHost[]> {
  await db.query(
    `insert into power_reading (host_id)
     select id from host where ${HAS_A_BMC} and ($1::float8 is null or created_at > now() - $1 * interval '1 millisecond')
       and not exists (select from power_reading where host_id = id)
     on conflict do nothing`,
    [addedWithinMs],
  )
  const { rows } = await db.query<WatchedRow>(
    `select host.id, host.bmc_address, reading.failures, reading.refused,
       extract(epoch from reading.next_look - now()) * 1000 as next_look
     from host join power_reading as reading on reading.host_id = host.id
     where ${HAS_A_BMC} and ($1::float8 is null or host.created_at > now() - $1 * interval '1 millisecond')`,
    [addedWithinMs],
  )
  return rows.map((row) => ({
    id: row.id,
    bmcAddress: row.bmc_address ?? '',
    failures: row.failures,
    nextLook: row.next_look === null ? null : Number(row.next_look),
    refused: row.refused,
  }))
}

/** Which of these hosts, whose logins were refused, have other credentials now, or were logged in to by somebody else. */
export async function worthAnotherTry(db: Queryable, hostIds: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select host.id from host join power_reading as reading on reading.host_id = host.id
     where host.id = any($1) and (reading.refused is null or reading.refused <> ${CREDENTIALS})`,
    [hostIds],
  )
  return rows.map((row) => row.id)
}

/** A host as it is right before it is looked at. */
export interface LookTarget {
  id: string
  name: string
  bmcAddress: string
  credentials: string
  /** An operation has it: it reads the power by itself. */
  held: boolean
  epoch: number
  /** Milliseconds since on or off was seen, by whomever; null: never. */
  age: number | null
  attention: Attention | null
  inPool: boolean
  readOnly: boolean
  policy: PowerPolicy
  instance: { id: string; name: string; state: InstanceState } | null
}

interface LookRow {
  id: string
  name: string
  bmc_address: string | null
  credentials: string
  held: boolean
  epoch: string
  age: string | null
  attention: Attention | null
  in_pool: boolean
  read_only: boolean
  power_policy: PowerPolicy
  instance_id: string | null
  instance_name: string | null
  instance_state: InstanceState | null
}

/** Those that are gone, or have no BMC any more, are left out. */
export async function lookTargets(db: Queryable, hostIds: readonly string[]): Promise<LookTarget[]> {
  const { rows } = await db.query<LookRow>(
    `select host.id, host.name, host.bmc_address, ${CREDENTIALS} as credentials, host.attention,
       host.in_pool, host.read_only, host.power_policy, hold.host_id is not null as held,
       reading.epoch, extract(epoch from now() - reading.known_at) * 1000 as age,
       instance.id as instance_id, instance.name as instance_name, instance.state as instance_state
     from host join power_reading as reading on reading.host_id = host.id
     left join hold on hold.host_id = host.id
     left join tenancy on tenancy.host_id = host.id
     left join instance on instance.id = tenancy.instance_id
     where ${HAS_A_BMC} and host.id = any($1)`,
    [hostIds],
  )
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    bmcAddress: row.bmc_address ?? '',
    credentials: row.credentials,
    held: row.held,
    epoch: Number(row.epoch),
    age: row.age === null ? null : Number(row.age),
    attention: row.attention,
    inPool: row.in_pool,
    readOnly: row.read_only,
    policy: row.power_policy,
    instance:
      row.instance_id === null || row.instance_name === null || row.instance_state === null
        ? null
        : { id: row.instance_id, name: row.instance_name, state: row.instance_state },
  }))
}

export async function setPowerPolicy(db: Queryable, hostId: string, policy: PowerPolicy): Promise<void> {
  await db.query('update host set power_policy = $2 where id = $1', [hostId, policy])
}

/**
 * Sets or takes back an attention that is about power. One that somebody else has set stays, and a host under an
 * operation is left to it. `since` of the same kind of attention is kept.
 */
export async function setPowerAttention(
  db: Queryable,
  hostId: string,
  attention: Attention | null,
  codes: readonly string[],
): Promise<void> {
  await db.query(
    `update host set attention = case when attention ->> 'code' = $2::jsonb ->> 'code'
       then $2::jsonb || jsonb_build_object('since', attention -> 'since') else $2::jsonb end
     where id = $1 and (attention is null or attention ->> 'code' = any($3))
       and not exists (select from hold where hold.host_id = host.id)`,
    [hostId, attention === null ? null : JSON.stringify(attention), codes],
  )
}

/** How often the policy has begun an operation lately: `by` is who it begins them as. */
export async function enforcements(
  db: Queryable,
  hostId: string,
  by: string,
  lately: { withinMs: number; gapMs: number },
): Promise<Enforcements> {
  const { rows } = await db.query<{ count: string; since_last: string | null; everywhere: string }>(
    `select count(*) filter (where host_id = $1) as count,
       extract(epoch from now() - max(created_at) filter (where host_id = $1)) * 1000 as since_last,
       count(*) filter (where created_at > now() - $4::float8 * interval '1 millisecond') as everywhere
     from operation where created_by = $2 and created_at > now() - $3::float8 * interval '1 millisecond'`,
    [hostId, by, lately.withinMs, lately.gapMs],
  )
  const row = rows[0]
  return {
    count: Number(row?.count ?? 0),
    sinceLast: row?.since_last == null ? null : Number(row.since_last),
    everywhere: Number(row?.everywhere ?? 0),
  }
}
