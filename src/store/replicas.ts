import type { Replicas } from '../saga/replica.ts'
import { apart, type Database, type Queryable } from './database.ts'

/** Any number, the same in every replica: one reaper at a time. */
const REAPER_LOCK = 4_620_018

export function createReplicas(db: Database): Replicas {
  return {
    async beat(executor, refs, leaseMs) {
      if (!Number.isFinite(leaseMs)) {
        await db.query(
          'insert into replica (executor, refs, beat) values ($1, $2, now()) on conflict (executor) do update set beat = now()',
          [executor, refs],
        )
        return true
      }
      const { rowCount } = await db.query(
        `update replica set beat = now() where executor = $1 and beat > now() - $2 * interval '1 millisecond'`,
        [executor, leaseMs],
      )
      return rowCount === 1
    },

    async live(leaseMs) {
      const { rows } = await db.query<{ executor: string }>(
        `select executor from replica where beat > now() - $1 * interval '1 millisecond'`,
        [leaseMs],
      )
      return new Set(rows.map((row) => row.executor))
    },

    async leave(executor) {
      await db.query('delete from replica where executor = $1', [executor])
    },

    async alone(mostMs, work) {
      return db.transaction(async (client) => {
        // a replica that stops in here, as when its machine is paused, must not keep the others out
        await client.query(`select set_config('idle_in_transaction_session_timeout', $1, true)`, [
          String(mostMs),
        ])
        const { rows } = await client.query<{ locked: boolean }>(
          'select pg_try_advisory_xact_lock($1) as locked',
          [REAPER_LOCK],
        )
        if (!rows[0]?.locked) return false
        // one at a time of all replicas: what else it asks for comes, as nobody who has that waits for anything
        await apart(() => work(async () => void (await client.query('select 1'))))
        return true
      })
    },

    async countTakeover(operationId) {
      const { rows } = await db.query<{ takeovers: number }>(
        'update operation set takeovers = takeovers + 1 where id = $1 returning takeovers',
        [operationId],
      )
      return rows[0]?.takeovers ?? 0
    },
  }
}

/** Refs that every live replica knows: only these may be started. */
export async function refsOfAllReplicas(db: Queryable, leaseMs: number): Promise<Set<string>> {
  const { rows } = await db.query<{ refs: string[] }>(
    `select refs from replica where beat > now() - $1 * interval '1 millisecond'`,
    [leaseMs],
  )
  const [first, ...rest] = rows
  return new Set((first?.refs ?? []).filter((ref) => rest.every((row) => row.refs.includes(ref))))
}

/** How many replicas are at work on this database. */
export async function liveReplicas(db: Queryable, leaseMs: number): Promise<number> {
  const { rowCount } = await db.query(
    `select from replica where beat > now() - $1 * interval '1 millisecond'`,
    [leaseMs],
  )
  return rowCount ?? 0
}
