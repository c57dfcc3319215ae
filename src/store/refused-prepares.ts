import type { Queryable } from './database.ts'

/** How long it says something about the create that follows. */
const MINUTES = 15

export async function noteRefusedPrepare(
  db: Queryable,
  externalId: string,
  { message, remedy }: { message: string; remedy: string },
): Promise<void> {
  await db.query(`delete from refused_prepare where at < now() - make_interval(mins => ${MINUTES})`)
  await db.query(
    `insert into refused_prepare (external_id, message, remedy) values ($1, $2, $3)
     on conflict (external_id) do update set message = excluded.message, remedy = excluded.remedy, at = now()`,
    [externalId, message, remedy],
  )
}

export async function forgetRefusedPrepare(db: Queryable, externalId: string): Promise<void> {
  await db.query('delete from refused_prepare where external_id = $1', [externalId])
}

/** Why the newest prepare of this VM was refused; null: it was not, or a while ago. */
export async function refusedPrepare(
  db: Queryable,
  externalId: string,
): Promise<{ message: string; remedy: string } | null> {
  const { rows } = await db.query<{ message: string; remedy: string }>(
    `select message, remedy from refused_prepare where external_id = $1 and at > now() - make_interval(mins => ${MINUTES})`,
    [externalId],
  )
  return rows[0] ?? null
}
