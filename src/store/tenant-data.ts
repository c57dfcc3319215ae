import type { Queryable } from './database.ts'

/** How long it waits for a VM to get a record here: networks carry VMs of other hypervisors too. */
const KEPT = "interval '1 day'"

export interface TenantRow {
  externalId: string
  nicId: string
  sealed: string
  /** In the clear: the name that CloudStack's later words about a NIC have. */
  hostname: string | null
}

export async function putTenantData(
  db: Queryable,
  { externalId, nicId, sealed, hostname }: TenantRow,
): Promise<void> {
  await db.query(
    `delete from tenant_data where at < now() - ${KEPT}
       and not exists (select from instance where instance.external_id = tenant_data.external_id and state <> 'destroyed')`,
  )
  await db.query(
    `insert into tenant_data (external_id, nic_id, sealed, hostname) values ($1, $2, $3, $4)
     on conflict (external_id, nic_id) do update set sealed = excluded.sealed, hostname = excluded.hostname, at = now()`,
    [externalId, nicId, sealed, hostname],
  )
}

export async function sealedTenantData(
  db: Queryable,
  externalId: string,
  nicId: string,
): Promise<string | null> {
  const { rows } = await db.query<{ sealed: string }>(
    'select sealed from tenant_data where external_id = $1 and nic_id = $2',
    [externalId, nicId],
  )
  return rows[0]?.sealed ?? null
}

/** CloudStack's id of the VM that a NIC was last said to be of. */
export async function vmOfNic(db: Queryable, nicId: string): Promise<string | null> {
  const { rows } = await db.query<{ external_id: string }>(
    'select external_id from tenant_data where nic_id = $1 order by at desc limit 1',
    [nicId],
  )
  return rows[0]?.external_id ?? null
}

export async function forgetTenantData(db: Queryable, externalId: string): Promise<void> {
  await db.query('delete from tenant_data where external_id = $1', [externalId])
}
