import type { Queryable } from './database.ts'

/** A rack configuration of CloudStack that was applied here. */
export interface AppliedCloudRack {
  cloudId: string
  url: string
  digestSealed: string
}

export async function appliedCloudRacks(db: Queryable): Promise<AppliedCloudRack[]> {
  const { rows } = await db.query<{ cloud_id: string; url: string; digest_sealed: string }>(
    'select * from cloud_rack order by cloud_id',
  )
  return rows.map(({ cloud_id, url, digest_sealed }) => ({
    cloudId: cloud_id,
    url,
    digestSealed: digest_sealed,
  }))
}

export async function noteCloudRack(db: Queryable, rack: AppliedCloudRack): Promise<void> {
  await db.query(
    `insert into cloud_rack (cloud_id, url, digest_sealed) values ($1, $2, $3)
     on conflict (cloud_id) do update set url = excluded.url, digest_sealed = excluded.digest_sealed`,
    [rack.cloudId, rack.url, rack.digestSealed],
  )
}

export async function forgetCloudRack(db: Queryable, cloudId: string): Promise<void> {
  await db.query('delete from cloud_rack where cloud_id = $1', [cloudId])
}
