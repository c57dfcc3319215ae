import { FerruleError } from '../domain/errors.ts'
import type { Queryable } from './database.ts'
import { violatedConstraint, violatedReference } from './database.ts'

/** Takes the hold on a host for an operation; refuses with who has it. Idempotent for the same operation. */
export async function takeHold(
  db: Queryable,
  hostId: string,
  operationId: string,
  executor: string,
): Promise<void> {
  const { rows } = await db
    .query<{ operation_id: string; number: string; kind: string }>(
      `with taken as (
         insert into hold (host_id, operation_id, executor) values ($1, $2, $3)
         on conflict (host_id) do update set operation_id = hold.operation_id
         returning operation_id
       )
       select taken.operation_id, operation.number, operation.kind from taken left join operation on operation.id = taken.operation_id`,
      [hostId, operationId, executor],
    )
    .catch((error: unknown) => {
      if (!violatedReference(error)) throw error
      throw new FerruleError(
        'not-found',
        'the host was removed a moment ago',
        'Add it again, or use another host.',
        { host: hostId },
      )
    })
  const owner = rows[0]
  if (owner && owner.operation_id !== operationId) {
    throw new FerruleError(
      'held',
      `the host is held by operation ${owner.number} (${owner.kind})`,
      `Wait for that operation to end ("ferrule operation show ${owner.number}"), or cancel it.`,
      { operation: owner.operation_id },
    )
  }
}

export async function letGoHold(db: Queryable, hostId: string, operationId: string): Promise<void> {
  await db.query('delete from hold where host_id = $1 and operation_id = $2', [hostId, operationId])
}

/** Hands the hold to another operation without a moment in between. */
export async function passHold(db: Queryable, hostId: string, from: string, to: string): Promise<void> {
  const { rowCount } = await db.query(
    'update hold set operation_id = $3, since = now() where host_id = $1 and operation_id in ($2, $3)',
    [hostId, from, to],
  )
  if (rowCount !== 1)
    throw new FerruleError(
      'lease-lost',
      'the hold on the host is no longer ours',
      'Nothing to do: the operation that has it goes on.',
    )
}

/** The proof right before a device write. */
export async function checkHold(
  db: Queryable,
  hostId: string,
  operationId: string,
  executor: string,
  leaseMs: number,
): Promise<void> {
  const { rowCount } = await db.query(
    `select from hold join replica on replica.executor = hold.executor
     where hold.host_id = $1 and hold.operation_id = $2 and hold.executor = $3 and replica.beat > now() - $4 * interval '1 millisecond'`,
    [hostId, operationId, executor, leaseMs],
  )
  if (rowCount !== 1) throw leaseLost()
}

export function leaseLost(): FerruleError {
  return new FerruleError(
    'lease-lost',
    'this replica no longer holds the host',
    'Nothing to do: the replica that holds it goes on.',
  )
}

export async function takeTenancy(db: Queryable, hostId: string, instanceId: string): Promise<void> {
  try {
    await db.query(
      'insert into tenancy (host_id, instance_id) values ($1, $2) on conflict (host_id) do update set host_id = excluded.host_id where tenancy.instance_id = excluded.instance_id',
      [hostId, instanceId],
    )
  } catch (error) {
    if (violatedConstraint(error) === null) throw error
    throw new FerruleError(
      'in-use',
      'the instance already has a host',
      'Destroy the instance first, or use its own host.',
    )
  }
  const { rows } = await db.query<{ instance_id: string }>(
    'select instance_id from tenancy where host_id = $1',
    [hostId],
  )
  if (rows[0]?.instance_id !== instanceId)
    throw new FerruleError(
      'in-use',
      'the host belongs to another instance',
      'Deploy again: another host will be chosen.',
    )
}

export async function endTenancy(db: Queryable, hostId: string): Promise<void> {
  await db.query('delete from tenancy where host_id = $1', [hostId])
}

/** Any activity that can put bytes of unknown origin on a disk sets it; only evidence clears it. */
export async function markDirty(
  db: Queryable,
  keys: readonly string[],
  reason: string,
  operationId: string | null,
): Promise<void> {
  await db.query(
    `insert into dirty_mark (key, reason, operation_id) select unnest($1::text[]), $2, $3
     on conflict (key) do update set reason = excluded.reason, operation_id = excluded.operation_id`,
    [keys, reason, operationId],
  )
}

export async function clearDirty(db: Queryable, keys: readonly string[]): Promise<void> {
  await db.query('delete from dirty_mark where key = any($1)', [keys])
}

export async function dirtyMarks(
  db: Queryable,
  keys: readonly string[],
): Promise<{ key: string; reason: string; since: Date }[]> {
  const { rows } = await db.query<{ key: string; reason: string; since: Date }>(
    'select key, reason, since from dirty_mark where key = any($1)',
    [keys],
  )
  return rows
}

/** A lease with more of its time left than this is not made longer: one write in a while is enough for many proofs. */
const FRESH = 0.9

/** One replica writes one switch at a time. True if the lease is ours now, with at least nine tenths of its time left. */
export async function takeSwitchLease(
  db: Queryable,
  switchId: string,
  executor: string,
  leaseMs: number,
): Promise<boolean> {
  const fresh = await db.query(
    `select from switch_lease where switch_id = $1 and executor = $2 and until > now() + $3 * interval '1 millisecond'`,
    [switchId, executor, leaseMs * FRESH],
  )
  if (fresh.rowCount === 1) return true
  const { rowCount } = await db.query(
    `insert into switch_lease (switch_id, executor, until) values ($1, $2, now() + $3 * interval '1 millisecond')
     on conflict (switch_id) do update set executor = excluded.executor, until = excluded.until
       where switch_lease.executor = excluded.executor or switch_lease.until < now()
         or not exists (select from replica where replica.executor = switch_lease.executor)`,
    [switchId, executor, leaseMs],
  )
  return rowCount === 1
}

/** A reservation keeps a host for a VM between CloudStack's prepare and create. */
export async function reserve(
  db: Queryable,
  externalId: string,
  hostId: string,
  token: string,
  ttlMs: number,
): Promise<boolean> {
  await db.query('delete from reservation where expires_at < now()')
  const { rowCount } = await db.query(
    `insert into reservation (external_id, host_id, token, expires_at) values ($1, $2, $3, now() + $4 * interval '1 millisecond') on conflict do nothing`,
    [externalId, hostId, token, ttlMs],
  )
  return rowCount === 1
}

export interface Reservation {
  externalId: string
  hostId: string
  token: string
}

export async function reservations(db: Queryable): Promise<Reservation[]> {
  const { rows } = await db.query<{ external_id: string; host_id: string; token: string }>(
    'select external_id, host_id, token from reservation where expires_at > now()',
  )
  return rows.map((row) => ({ externalId: row.external_id, hostId: row.host_id, token: row.token }))
}

export async function dropReservation(db: Queryable, externalId: string): Promise<void> {
  await db.query('delete from reservation where external_id = $1', [externalId])
}
