import type { Instance, InstanceNic, InstanceState, TaggedNic } from '../domain/instance.ts'
import type { Queryable } from './database.ts'

interface InstanceRow {
  id: string
  name: string
  external_id: string | null
  tenant: string | null
  state: InstanceState
  template_id: string
  offering_id: string
  nics: InstanceNic[]
  erase: Instance['erase']
  hostname: string
  error: Instance['error']
  last_host_id: string | null
  clear_at: Date | null
  created_at: Date
  tenant_host: string | null
  system_nics: TaggedNic[] | null
}

/** For streams and waiting calls: in the statement that changes the row, for a statement of its own costs as much again. */
const ANNOUNCE = `pg_notify('ferrule', json_build_object('instance', instance.id)::text)`

const SELECT = `select instance.*, tenancy.host_id as tenant_host from instance left join tenancy on tenancy.instance_id = instance.id`

function toInstance(row: InstanceRow): Instance {
  return {
    id: row.id,
    name: row.name,
    externalId: row.external_id,
    tenant: row.tenant,
    state: row.state,
    hostId: row.tenant_host,
    templateId: row.template_id,
    offeringId: row.offering_id,
    nics: row.nics,
    erase: row.erase,
    hostname: row.hostname,
    error: row.error,
    createdAt: row.created_at.toISOString(),
    clearAt: row.clear_at?.toISOString() ?? null,
    systemNics: row.system_nics,
  }
}

export async function listInstances(
  db: Queryable,
  where: { after?: string; limit?: number; all?: boolean } = {},
): Promise<Instance[]> {
  const { rows } = await db.query<InstanceRow>(
    `${SELECT} where ($1::boolean or instance.destroyed_at is null) and ($2::text is null or instance.name > $2) order by instance.name limit $3`,
    [where.all ?? false, where.after ?? null, where.limit ?? 1000],
  )
  return rows.map(toInstance)
}

export async function instanceById(db: Queryable, id: string): Promise<Instance | null> {
  const { rows } = await db.query<InstanceRow>(`${SELECT} where instance.id = $1`, [id])
  return rows[0] ? toInstance(rows[0]) : null
}

export async function instanceByName(db: Queryable, name: string): Promise<Instance | null> {
  const { rows } = await db.query<InstanceRow>(
    `${SELECT} where instance.name = $1 and instance.destroyed_at is null`,
    [name],
  )
  return rows[0] ? toInstance(rows[0]) : null
}

/** By CloudStack's VM uuid; the living one if there is one, else the last. */
export async function instanceByExternalId(db: Queryable, externalId: string): Promise<Instance | null> {
  const { rows } = await db.query<InstanceRow>(
    `${SELECT} where instance.external_id = $1 order by instance.destroyed_at is not null, instance.created_at desc limit 1`,
    [externalId],
  )
  return rows[0] ? toInstance(rows[0]) : null
}

/** Those that a NIC of CloudStack's may be of: by the NIC itself, else by the name that the system has. */
export async function instancesOfNic(
  db: Queryable,
  nic: { id: string | null; mac: string; hostname: string | null },
): Promise<Instance[]> {
  const { rows } = await db.query<InstanceRow>(
    `${SELECT} where instance.destroyed_at is null and (instance.nics @> $1 or instance.nics @> $2 or instance.hostname = $3
       or exists (select from tenant_data where tenant_data.external_id = instance.external_id and tenant_data.hostname = $3))
     order by instance.nics @> $1 desc, instance.nics @> $2 desc limit 2`,
    [JSON.stringify([{ id: nic.id ?? '' }]), JSON.stringify([{ mac: nic.mac }]), nic.hostname],
  )
  return rows.map(toInstance)
}

export async function insertInstance(
  db: Queryable,
  instance: Omit<Instance, 'hostId' | 'error' | 'createdAt' | 'clearAt' | 'systemNics'>,
  claimed: boolean,
): Promise<void> {
  await db.query(
    `insert into instance (id, name, external_id, state, template_id, offering_id, nics, erase, hostname, claimed_at, tenant)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, case when $10::boolean then now() end, $11)`,
    [
      instance.id,
      instance.name,
      instance.externalId,
      instance.state,
      instance.templateId,
      instance.offeringId,
      JSON.stringify(instance.nics),
      instance.erase,
      instance.hostname,
      claimed,
      instance.tenant,
    ],
  )
}

/** By CloudStack's VM uuid, in one statement; only what is news is written. */
export async function recordTenants(db: Queryable, tenants: ReadonlyMap<string, string>): Promise<void> {
  if (tenants.size === 0) return
  await db.query(
    `update instance set tenant = seen.tenant from unnest($1::text[], $2::text[]) as seen (external_id, tenant)
     where instance.external_id = seen.external_id and instance.tenant is distinct from seen.tenant returning ${ANNOUNCE}`,
    [[...tenants.keys()], [...tenants.values()]],
  )
}

export async function setInstanceState(
  db: Queryable,
  id: string,
  state: InstanceState,
  error: Instance['error'] = null,
): Promise<void> {
  await db.query(
    `update instance set state = $2, error = $3, destroyed_at = case when $2 = 'destroyed' then coalesce(destroyed_at, now()) else destroyed_at end
     where id = $1 returning ${ANNOUNCE}`,
    [id, state, error === null ? null : JSON.stringify(error)],
  )
}

/** Compare and set: false if the state was another. Row-locks the instance for the rest of the transaction. */
export async function moveInstance(
  db: Queryable,
  id: string,
  from: readonly InstanceState[],
  to: InstanceState,
): Promise<boolean> {
  const { rowCount } = await db.query(
    'update instance set state = $3, error = null where id = $1 and state = any($2)',
    [id, from, to],
  )
  return rowCount === 1
}

/** Its state, which nobody else changes before the end of the transaction. */
export async function lockInstance(client: Queryable, id: string): Promise<InstanceState | null> {
  const { rows } = await client.query<{ state: InstanceState }>(
    'select state from instance where id = $1 for update',
    [id],
  )
  return rows[0]?.state ?? null
}

/** What was installed on its disks. A template that was removed meanwhile changes nothing. */
export async function setInstalledSystem(
  db: Queryable,
  id: string,
  system: { systemNics: readonly TaggedNic[] | null; templateId?: string },
): Promise<void> {
  await db.query(
    `update instance set system_nics = $2, template_id = coalesce((select template.id from template where template.id = $3), template_id)
     where instance.id = $1`,
    [id, system.systemNics && JSON.stringify(system.systemNics), system.templateId ?? null],
  )
}

export async function setInstanceNics(
  db: Queryable,
  id: string,
  nics: readonly InstanceNic[],
): Promise<void> {
  await db.query('update instance set nics = $2 where id = $1', [id, JSON.stringify(nics)])
}

/** The VM is off, its ports are parked and verified: no frame of it is in any tenant VLAN. */
export async function setClear(db: Queryable, id: string, clear: boolean): Promise<void> {
  await db.query(
    `update instance set clear_at = case when $2 then coalesce(clear_at, now()) end where id = $1 returning ${ANNOUNCE}`,
    [id, clear],
  )
}

/** A create call is attached to this deploy: when it last said so. */
export async function claimInstance(db: Queryable, id: string): Promise<void> {
  await db.query('update instance set claimed_at = now() where id = $1', [id])
}

/** The create call was answered and has left: only another one can claim the result now. */
export async function unclaimInstance(db: Queryable, id: string): Promise<void> {
  await db.query('update instance set claimed_at = null where id = $1', [id])
}

export async function instanceClaim(db: Queryable, id: string): Promise<{ claimedAt: Date | null }> {
  const { rows } = await db.query<{ claimed_at: Date | null }>(
    'select claimed_at from instance where id = $1',
    [id],
  )
  return { claimedAt: rows[0]?.claimed_at ?? null }
}

export interface Attempt {
  operationId: string
  hostId: string
  at: string
  hadEffects: boolean
}

/** Once per operation, however often its undo is run. */
export async function recordAttempt(db: Queryable, id: string, attempt: Attempt): Promise<void> {
  await db.query(
    `update instance set attempts = attempts || $2::jsonb
     where id = $1 and not attempts @> jsonb_build_array(jsonb_build_object('operationId', $3::text))`,
    [id, JSON.stringify([attempt]), attempt.operationId],
  )
}

/** Over all rows of one CloudStack VM: each new attempt after a failure is a row of its own. */
export async function attemptsOfExternal(db: Queryable, externalId: string): Promise<Attempt[]> {
  const { rows } = await db.query<{ attempts: Attempt[] }>(
    'select attempts from instance where external_id = $1',
    [externalId],
  )
  return rows.flatMap((row) => row.attempts)
}
