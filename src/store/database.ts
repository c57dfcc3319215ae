import { AsyncLocalStorage } from 'node:async_hooks'
import pg from 'pg'
import { FerruleError } from '../domain/errors.ts'

/** A pool or a client inside a transaction: whatever can run one statement. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>
}

export interface Database extends Queryable {
  /**
   * Runs `work` in one transaction; any throw rolls back. The client is a real pg client, as the engine's enqueue needs.
   * All that `work` asks goes by that client: by another one it would hold one connection and wait for a second, and as
   * many callers at once as there are connections would wait for ever. That is refused. See {@link apart}.
   */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>
}

/**
 * To be selected or returned by a statement outside of a transaction: its commit does not wait for the disk. Only for
 * what may be lost with a crash of PostgreSQL itself (never of a replica): records for people and readings that the next
 * look replaces. Whoever writes such a row and then something durable loses neither, for the log is written in order.
 */
export const COMMIT_LAZILY = `set_config('synchronous_commit', 'off', true)`

/** Our tables live in schema `ferrule`, beside the engine's schema `dbos` in the same database. */
export const SEARCH_PATH = 'ferrule, public'

const transactions = new AsyncLocalStorage<{ open: boolean }>()

/** For work inside of a transaction that has to use other connections, and of which there is never more than one. */
export function apart<T>(work: () => T): T {
  return transactions.exit(work)
}

function refuseSecondConnection(): void {
  if (transactions.getStore()?.open)
    throw new Error(
      'inside of a transaction another connection is asked for: use the client of the transaction',
    )
}

export function openDatabase(pool: pg.Pool): Database {
  return {
    async query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]) {
      refuseSecondConnection()
      try {
        return await pool.query<Row>(text, values)
      } catch (error) {
        throw databaseError(error)
      }
    },
    async transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
      refuseSecondConnection()
      const client = await pool.connect().catch((error: unknown) => {
        throw databaseError(error)
      })
      let broken: Error | undefined
      const mine = { open: true }
      try {
        await client.query('begin')
        const result = await transactions.run(mine, () => work(client))
        await client.query('commit')
        return result
      } catch (error) {
        await client.query('rollback').catch((reason: unknown) => {
          broken = reason instanceof Error ? reason : new Error(String(reason))
        })
        throw databaseError(error)
      } finally {
        // what was begun in it may go on later
        mine.open = false
        client.release(broken)
      }
    },
  }
}

/**
 * A database that is away, or whose schema a newer replica changes at this moment, is never a domain failure: it
 * becomes `database-unreachable`, which the sagas retry without counting. Anything else passes as it is.
 */
function databaseError(error: unknown): unknown {
  if (error instanceof FerruleError) return error
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  const text = error instanceof Error ? error.message : String(error)
  const away =
    code.startsWith('08') ||
    code.startsWith('57P') ||
    code === '53300' ||
    AWAY.has(code) ||
    /Connection terminated|timeout exceeded when trying to connect|cached plan must not change/.test(text)
  if (!away) return error
  return new FerruleError(
    'database-unreachable',
    `PostgreSQL does not answer (${code || text})`,
    'Look at the PostgreSQL server; work goes on by itself once it is back.',
  )
}

const AWAY = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT'])

/** PostgreSQL's unique_violation, with the constraint's name. */
export function violatedConstraint(error: unknown): string | null {
  if (error instanceof pg.DatabaseError && error.code === '23505') return error.constraint ?? ''
  return null
}

/** PostgreSQL's foreign_key_violation. */
export function violatedReference(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '23503'
}
