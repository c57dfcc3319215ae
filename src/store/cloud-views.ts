import type { CloudDifference, CloudView } from '../domain/cloud-view.ts'
import type { Database, Queryable } from './database.ts'

interface Row extends Omit<CloudView, 'instanceId' | 'since'> {
  instance_id: string
  since: Date
}

export async function cloudViews(db: Queryable): Promise<CloudView[]> {
  const { rows } = await db.query<Row>(
    'select instance_id, code, message, remedy, looks, since from cloud_view order by since',
  )
  return rows.map(({ instance_id, since, code, message, remedy, looks }) => ({
    instanceId: instance_id,
    code,
    message,
    remedy,
    looks,
    since: since.toISOString(),
  }))
}

/** Ends the record of a failed instance that has no host and no operation: nothing is lost with it. */
export async function endFailedInstance(db: Queryable, instanceId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update instance set state = 'destroyed', destroyed_at = now()
     where id = $1 and state = 'failed' and not exists (select from tenancy where instance_id = $1)
       and not exists (select from operation where instance_id = $1 and ended_at is null)`,
    [instanceId],
  )
  return rowCount === 1
}

/**
 * One healthy look at all of CloudStack: what it saw counts once more, what it did not see is over. Looks of several
 * replicas within `everyMs` count as one.
 */
export async function recordCloudLook(
  db: Database,
  seen: readonly (CloudDifference & { instanceId: string })[],
  everyMs: number,
): Promise<void> {
  await db.transaction(async (client) => {
    await client.query('delete from cloud_view where not (instance_id = any($1))', [
      seen.map(({ instanceId }) => instanceId),
    ])
    for (const { instanceId, code, message, remedy } of seen)
      await client.query(
        `insert into cloud_view as old (instance_id, code, message, remedy, looks, since, seen_at)
         select $1, $2, $3, $4, 1, now(), now() where exists (select from instance where id = $1)
         on conflict (instance_id) do update set
           looks = case when old.code <> excluded.code then 1
                        when old.seen_at > now() - make_interval(secs => $5::float8 / 2000) then old.looks else old.looks + 1 end,
           since = case when old.code <> excluded.code then now() else old.since end,
           seen_at = case when old.code = excluded.code and old.seen_at > now() - make_interval(secs => $5::float8 / 2000) then old.seen_at else now() end,
           code = excluded.code, message = excluded.message, remedy = excluded.remedy`,
        [instanceId, code, message, remedy, everyMs],
      )
  })
}
