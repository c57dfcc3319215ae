import type { SeenVm } from '../domain/cloud-view.ts'
import type { CloudSight } from '../domain/three-sides.ts'
import type { Database, Queryable } from './database.ts'

/**
 * One healthy look at all of CloudStack. An older look than the one that is recorded says nothing any more.
 *
 * @param begun when it began: what changed since then it may not have seen
 * @param seen the VM of every instance that CloudStack should have; null: it has none
 */
export async function recordCloudSights(
  db: Database,
  begun: Date,
  seen: readonly { instanceId: string; vm: SeenVm | null }[],
): Promise<void> {
  await db.transaction(async (client) => {
    const { rowCount } = await client.query(
      `insert into cloud_look as old (at) values ($1)
       on conflict (single) do update set at = excluded.at where old.at < excluded.at`,
      [begun],
    )
    if (rowCount === 0) return
    await client.query('delete from cloud_sight where not (instance_id = any($1))', [
      seen.map(({ instanceId }) => instanceId),
    ])
    // most of them are as they were: only what changed is written
    await client.query(
      `insert into cloud_sight as old (instance_id, vm)
       select (one ->> 'instanceId')::uuid, nullif(one -> 'vm', 'null'::jsonb) from jsonb_array_elements($1::jsonb) as one
       where exists (select from instance where id = (one ->> 'instanceId')::uuid)
       on conflict (instance_id) do update set vm = excluded.vm where old.vm is distinct from excluded.vm`,
      [JSON.stringify(seen)],
    )
  })
}

/** By instance; one that was never looked at is missing. */
export async function cloudSights(
  db: Queryable,
  instanceIds: readonly string[],
): Promise<Map<string, CloudSight>> {
  const { rows } = await db.query<{ instance_id: string; vm: SeenVm | null; at: Date }>(
    'select instance_id, vm, at from cloud_sight, cloud_look where instance_id = any($1)',
    [instanceIds],
  )
  return new Map(rows.map(({ instance_id, vm, at }) => [instance_id, { vm, at: at.toISOString() }]))
}
