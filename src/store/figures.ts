import type { Queryable } from './database.ts'

export async function operationsByState(db: Queryable): Promise<{ state: string; count: number }[]> {
  const { rows } = await db.query<{ state: string; count: string }>(
    'select state, count(*) from operation group by state order by state',
  )
  return rows.map((row) => ({ state: row.state, count: Number(row.count) }))
}

/** Does the database answer at all? Throws `database-unreachable` if not. */
export async function ping(db: Queryable): Promise<void> {
  await db.query('select 1')
}
