import type { CloudFinding, CloudFindingView } from '../domain/cloud-finding.ts'
import type { Database, Queryable } from './database.ts'

interface Row extends Omit<CloudFindingView, 'hostId' | 'since'> {
  host_id: string | null
  since: Date
}

export async function cloudFindings(db: Queryable): Promise<CloudFindingView[]> {
  const { rows } = await db.query<Row>(
    'select key, name, host_id, code, message, remedy, looks, since from cloud_finding order by since, key',
  )
  return rows.map(({ host_id, since, ...view }) => ({ ...view, hostId: host_id, since: since.toISOString() }))
}

/** As recordCloudLook: what one healthy look saw counts once more, what it did not see is over. */
export async function recordCloudFindings(
  db: Database,
  seen: readonly CloudFinding[],
  everyMs: number,
): Promise<void> {
  await db.transaction(async (client) => {
    await client.query('delete from cloud_finding where not (key = any($1))', [seen.map(({ key }) => key)])
    for (const { key, name, hostId, code, message, remedy } of seen)
      await client.query(
        `insert into cloud_finding as old (key, name, host_id, code, message, remedy, looks, since, seen_at)
         select $1, $2, $3, $4, $5, $6, 1, now(), now() where $3::uuid is null or exists (select from host where id = $3)
         on conflict (key) do update set
           looks = case when old.code <> excluded.code then 1
                        when old.seen_at > now() - make_interval(secs => $7::float8 / 2000) then old.looks else old.looks + 1 end,
           since = case when old.code <> excluded.code then now() else old.since end,
           seen_at = case when old.code = excluded.code and old.seen_at > now() - make_interval(secs => $7::float8 / 2000) then old.seen_at else now() end,
           name = excluded.name, host_id = excluded.host_id, code = excluded.code, message = excluded.message, remedy = excluded.remedy`,
        [key, name, hostId, code, message, remedy, everyMs],
      )
  })
}
