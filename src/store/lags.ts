import type { Queryable } from './database.ts'

/** By switch id: the LAG that the ports of this host are members of while they carry its tenant's VLANs. */
export async function lagsOfHost(db: Queryable, hostId: string): Promise<Record<string, number>> {
  const { rows } = await db.query<{ switch_id: string; number: number }>(
    'select switch_id, number from lag where host_id = $1',
    [hostId],
  )
  return Object.fromEntries(rows.map((row) => [row.switch_id, row.number]))
}

export async function takenLags(
  db: Queryable,
): Promise<{ switchId: string; number: number; hostId: string }[]> {
  const { rows } = await db.query<{ switch_id: string; number: number; host_id: string }>(
    'select switch_id, number, host_id from lag order by switch_id, number',
  )
  return rows.map((row) => ({ switchId: row.switch_id, number: row.number, hostId: row.host_id }))
}

/** The host must have a tenancy: the number is free again when that ends. May be repeated. */
export async function insertLag(
  db: Queryable,
  hostId: string,
  switchId: string,
  number: number,
): Promise<void> {
  await db.query('insert into lag (host_id, switch_id, number) values ($1, $2, $3) on conflict do nothing', [
    hostId,
    switchId,
    number,
  ])
}
