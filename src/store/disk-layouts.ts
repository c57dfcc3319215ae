import type { Queryable } from './database.ts'

/**
 * The layout that was given to a machine in MAAS and is not taken back yet; null: it is as commissioned. By system id,
 * because a host that is removed and added again has another record and the same machine.
 */
export async function layoutGiven(db: Queryable, systemId: string): Promise<string | null> {
  const { rows } = await db.query<{ layout: string }>(
    'select layout from given_disk_layout where system_id = $1',
    [systemId],
  )
  return rows[0]?.layout ?? null
}

/** Before the first call to MAAS: what is on record is taken back, however far the call came. */
export async function noteLayoutGiven(db: Queryable, systemId: string, layout: string): Promise<void> {
  await db.query(
    'insert into given_disk_layout (system_id, layout) values ($1, $2) on conflict (system_id) do update set layout = excluded.layout',
    [systemId, layout],
  )
}

export async function forgetLayoutGiven(db: Queryable, systemId: string): Promise<void> {
  await db.query('delete from given_disk_layout where system_id = $1', [systemId])
}
