import type { KnownCloudHost } from '../domain/cloud-host.ts'
import type { Database, Queryable } from './database.ts'
import { insertEvent } from './events.ts'

interface Row {
  cloud_id: string
  name: string
  host_id: string | null
  withdrawn: boolean
  settled: boolean
  is_own: boolean
  digest: string | null
  tried_at: Date | null
  ended: boolean
  error: { message: string; remedy: string } | null
}

export async function knownCloudHosts(db: Queryable): Promise<KnownCloudHost[]> {
  const { rows } = await db.query<Row>(
    `select cloud_id, name, cloud_host.host_id, withdrawn, settled, is_own, digest, tried_at, coalesce(operation.error, cloud_host.error) as error,
       coalesce(ended_at is not null, true) as ended
     from cloud_host left join operation on operation.id = operation_id order by name`,
  )
  return rows.map(
    ({ cloud_id, name, host_id, withdrawn, settled, is_own, digest, tried_at, ended, error }) => ({
      cloudId: cloud_id,
      name,
      hostId: host_id,
      withdrawn,
      settled,
      isOwn: is_own,
      enlistment:
        digest === null || tried_at === null ? null : { digest, at: tried_at.getTime(), ended, error },
    }),
  )
}

/** It stands for this host here. */
export async function bindCloudHost(
  db: Queryable,
  { cloudId, name, hostId, settled, isOwn }: Omit<KnownCloudHost, 'enlistment' | 'withdrawn'>,
): Promise<void> {
  await db.query(
    // one that was deleted and added again in CloudStack takes the place of the former
    `with former as (
       delete from cloud_host where host_id = $3 and cloud_id <> $1 returning withdrawn
     )
     insert into cloud_host (cloud_id, name, host_id, settled, is_own, withdrawn)
     values ($1, $2, $3, $4, $5, coalesce((select bool_or(withdrawn) from former), false))
     on conflict (cloud_id) do update set
       name = excluded.name, host_id = excluded.host_id, settled = excluded.settled, is_own = excluded.is_own, withdrawn = cloud_host.withdrawn or excluded.withdrawn`,
    [cloudId, name, hostId, settled, isOwn],
  )
}

export async function noteEnlistment(
  db: Queryable,
  note: {
    cloudId: string
    name: string
    operationId: string | null
    digest: string
    error: { message: string; remedy: string } | null
  },
): Promise<void> {
  await db.query(
    `insert into cloud_host (cloud_id, name, operation_id, digest, error, tried_at) values ($1, $2, $3, $4, $5, now())
     on conflict (cloud_id) do update set
       operation_id = excluded.operation_id, digest = excluded.digest, error = excluded.error, tried_at = now()`,
    [
      note.cloudId,
      note.name,
      note.operationId,
      note.digest,
      note.error && JSON.stringify({ message: note.error.message, remedy: note.error.remedy }),
    ],
  )
}

export async function forgetCloudHost(db: Queryable, cloudId: string): Promise<void> {
  await db.query('delete from cloud_host where cloud_id = $1', [cloudId])
}

/** Out of the pool, unless an instance or an operation has it: in one statement, so that neither comes between. */
export async function withdrawHost(db: Database, cloudId: string, message: string): Promise<boolean> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `select host.id from host join cloud_host on cloud_host.host_id = host.id
       where cloud_id = $1 and not withdrawn and in_pool for update of host`,
      [cloudId],
    )
    const [host] = rows
    if (!host) return false
    const { rowCount } = await client.query(
      `update host set in_pool = false where id = $1
         and not exists (select from hold where host_id = $1) and not exists (select from tenancy where host_id = $1)`,
      [host.id],
    )
    if (rowCount !== 1) return false
    await client.query('update cloud_host set withdrawn = true where cloud_id = $1', [cloudId])
    await insertEvent(client, { kind: 'host.withdrawn', hostId: host.id, message })
    return true
  })
}

/** Back in the pool, where it was before it was withdrawn. */
export async function restoreHost(db: Database, hostId: string, message: string): Promise<void> {
  await db.transaction(async (client) => {
    const { rowCount } = await client.query(
      'update cloud_host set withdrawn = false where host_id = $1 and withdrawn',
      [hostId],
    )
    if (rowCount === 0) return
    await client.query('update host set in_pool = true where id = $1 and not read_only', [hostId])
    await insertEvent(client, { kind: 'host.restored', hostId, message })
  })
}
