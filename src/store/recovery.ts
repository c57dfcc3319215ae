import type { ErrorBody } from '../domain/errors.ts'
import type { LedgerEntry } from '../domain/recovery/facts.ts'
import type { Queryable } from './database.ts'

/** Any number, the same in every replica: one recovery is confirmed at a time. */
const RECOVERY_LOCK = 4_620_019

/** The highest operation number that is spent: by an operation, or by a recovery that lets the numbers go on above it. */
export async function highestOperationNumber(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ highest: string | null }>(
    `select greatest((select max(number) from operation), (select max(number_floor) from recovery)) as highest`,
  )
  return Number(rows[0]?.highest ?? 0)
}

/** An operation that has not ended, by the records. */
export interface UnfinishedOperation {
  id: string
  number: number
  kind: string
  hostId: string | null
  host: string | null
  instanceId: string | null
  instance: string | null
  /** Did it ask MAAS to deploy? */
  deployBegun: boolean
  /** Of the instance that it is about, as it was and as it is to be. */
  vlans: number[]
}

export async function unfinishedOperations(db: Queryable): Promise<UnfinishedOperation[]> {
  const { rows } = await db.query<{
    id: string
    number: string
    kind: string
    host_id: string | null
    host: string | null
    instance_id: string | null
    instance: string | null
    deploy_begun: boolean
    vlans: number[]
  }>(
    `select operation.id, number, kind, host_id, host.name as host, instance_id, instance.name as instance,
       exists (select from operation_step where operation_id = operation.id and direction = 'do' and operation_step.name = 'deploy') as deploy_begun,
       array(select distinct (nic ->> 'vlan')::int
         from jsonb_array_elements(coalesce(input -> 'nics', '[]') || coalesce(instance.nics, '[]')) nic) as vlans
     from operation left join host on host.id = host_id left join instance on instance.id = instance_id
     where ended_at is null order by number`,
  )
  return rows.map((row) => ({
    id: row.id,
    number: Number(row.number),
    kind: row.kind,
    hostId: row.host_id,
    host: row.host,
    instanceId: row.instance_id,
    instance: row.instance,
    deployBegun: row.deploy_begun,
    vlans: row.vlans,
  }))
}

/** The whole port ledger, by host. */
export async function ledgerByHost(db: Queryable): Promise<Map<string, LedgerEntry[]>> {
  const { rows } = await db.query<{
    switch_id: string
    port: string
    vlan: number
    network_id: string
    instance_id: string
    host_id: string
  }>('select * from port_ledger order by switch_id, port, vlan')
  const byHost = new Map<string, LedgerEntry[]>()
  for (const row of rows) {
    const entry = {
      switchId: row.switch_id,
      port: row.port,
      vlan: row.vlan,
      networkId: row.network_id,
      instanceId: row.instance_id,
    }
    byHost.set(row.host_id, [...(byHost.get(row.host_id) ?? []), entry])
  }
  return byHost
}

/** What was under way in them ended with the time that is lost. */
export async function endLostSteps(db: Queryable, operationId: string, error: ErrorBody): Promise<void> {
  await db.query(
    `update operation_step set state = 'failed', ended_at = now(), error = $2 where operation_id = $1 and state = 'running'`,
    [operationId, JSON.stringify(error)],
  )
}

/** For the rest of the transaction nobody else confirms a recovery. */
export async function lockRecovery(db: Queryable): Promise<void> {
  await db.query('select pg_advisory_xact_lock($1)', [RECOVERY_LOCK])
}

/** Who holds what is worked out anew: no operation, no reservation and no tenancy of the old records stays. */
export async function forgetWhoHoldsWhat(db: Queryable): Promise<void> {
  await db.query('delete from hold')
  await db.query('delete from reservation')
  await db.query('delete from tenancy')
}

/** The rows of these hosts are exactly what is entered afterwards. */
export async function clearLedger(db: Queryable, hostIds: readonly string[]): Promise<void> {
  await db.query('delete from port_ledger where host_id = any($1)', [hostIds])
}

/** Operation numbers go on above `floor`. */
export async function insertRecovery(
  db: Queryable,
  recovery: { id: string; fingerprint: string; floor: number; plan: unknown; by: string },
): Promise<void> {
  await db.query(
    `select setval('operation_number', greatest($1::bigint, last_value)) from operation_number`,
    [recovery.floor],
  )
  await db.query(
    'insert into recovery (id, fingerprint, number_floor, plan, confirmed_by) values ($1, $2, $3, $4, $5)',
    [recovery.id, recovery.fingerprint, recovery.floor, JSON.stringify(recovery.plan), recovery.by],
  )
}

export async function recoveryPlan(db: Queryable, fingerprint: string): Promise<unknown> {
  const { rows } = await db.query<{ plan: unknown }>(
    'select plan from recovery where fingerprint = $1 order by at desc limit 1',
    [fingerprint],
  )
  return rows[0]?.plan ?? null
}

/** By the database's own clock, for {@link recoveredSince}. */
export async function databaseTime(db: Queryable): Promise<Date> {
  const { rows } = await db.query<{ now: Date }>('select now()')
  return rows[0]?.now ?? new Date(0)
}

export async function recoveredSince(db: Queryable, since: Date): Promise<boolean> {
  const { rows } = await db.query('select from recovery where at >= $1', [since])
  return rows.length > 0
}
