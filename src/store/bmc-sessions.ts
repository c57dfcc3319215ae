import type { Queryable } from './database.ts'

/** Which sessions this replica has open on BMCs: those of a replica that died are for the next one to delete. */
export function createBmcSessions(db: Queryable, executor: string, leaseMs: number) {
  return {
    async opened(address: string, uri: string): Promise<void> {
      await db.query(
        `insert into bmc_session (address, uri, executor) values ($1, $2, $3)
         on conflict (address, uri) do update set executor = excluded.executor, since = now()`,
        [address, uri, executor],
      )
    },

    async closed(address: string, uri: string): Promise<void> {
      await db.query('delete from bmc_session where address = $1 and uri = $2', [address, uri])
    },

    async leaked(address: string): Promise<string[]> {
      const { rows } = await db.query<{ uri: string }>(
        `select uri from bmc_session where address = $1 and executor <> $2 and executor not in (
           select executor from replica where beat > now() - $3 * interval '1 millisecond')`,
        [address, executor, leaseMs],
      )
      return rows.map((row) => row.uri)
    },
  }
}
