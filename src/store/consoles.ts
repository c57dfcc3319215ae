import type { Queryable } from './database.ts'

/**
 * One replica has the session with a host's console. `ours`: this one, for `leaseMs` from now; else who has it, and
 * where it is found.
 */
export async function takeConsoleLease(
  db: Queryable,
  lease: { hostId: string; executor: string; url: string | null; leaseMs: number },
): Promise<{ ours: true } | { ours: false; url: string | null }> {
  const { rows } = await db.query<{ executor: string; url: string | null }>(
    `with taken as (
       insert into console_lease (host_id, executor, url, until) values ($1, $2, $3, now() + $4 * interval '1 millisecond')
       on conflict (host_id) do update set executor = excluded.executor, url = excluded.url, until = excluded.until
         where console_lease.executor = excluded.executor or console_lease.until < now()
           or not exists (select from replica where replica.executor = console_lease.executor)
       returning executor, url
     )
     select executor, url from taken
     union all
     select executor, url from console_lease where host_id = $1 and not exists (select from taken)`,
    [lease.hostId, lease.executor, lease.url, lease.leaseMs],
  )
  const row = rows[0]
  // without a row the host is gone, or another replica's claim was not visible yet
  if (row?.executor !== lease.executor) return { ours: false, url: row?.url ?? null }
  return { ours: true }
}

export async function dropConsoleLease(db: Queryable, hostId: string, executor: string): Promise<void> {
  await db.query('delete from console_lease where host_id = $1 and executor = $2', [hostId, executor])
}

export interface ConsoleTicket {
  hostId: string
  viewer: string
  mayWrite: boolean
  /** Set for a cloud user: the ticket is for the console of this instance, wherever it is. */
  instanceId: string | null
}

export async function insertTicket(
  db: Queryable,
  hash: string,
  ticket: ConsoleTicket,
  lifeMs: number,
): Promise<void> {
  await db.query('delete from console_ticket where expires_at < now()')
  await db.query(
    `insert into console_ticket (hash, host_id, viewer, may_write, instance_id, expires_at)
     values ($1, $2, $3, $4, $5, now() + $6 * interval '1 millisecond')`,
    [hash, ticket.hostId, ticket.viewer, ticket.mayWrite, ticket.instanceId, lifeMs],
  )
}

/** Each ticket opens once. */
export async function redeemTicket(db: Queryable, hash: string): Promise<ConsoleTicket | null> {
  const { rows } = await db.query<{
    host_id: string
    viewer: string
    may_write: boolean
    instance_id: string | null
  }>(
    'delete from console_ticket where hash = $1 and expires_at > now() returning host_id, viewer, may_write, instance_id',
    [hash],
  )
  const row = rows[0]
  if (!row) return null
  return {
    hostId: row.host_id,
    viewer: row.viewer,
    mayWrite: row.may_write,
    instanceId: row.instance_id,
  }
}

/** Whose a host's console is now: an instance that its user may watch, or null; they type only into what runs for them. */
export async function consoleTenant(
  db: Queryable,
  hostId: string,
): Promise<{ instanceId: string; mayType: boolean } | null> {
  const { rows } = await db.query<{ instance_id: string; may_type: boolean }>(
    `select tenancy.instance_id, instance.state = 'running' as may_type
     from tenancy join instance on instance.id = tenancy.instance_id
     where tenancy.host_id = $1 and instance.state not in ('destroying', 'destroyed', 'failed')`,
    [hostId],
  )
  const [row] = rows
  return row ? { instanceId: row.instance_id, mayType: row.may_type } : null
}
