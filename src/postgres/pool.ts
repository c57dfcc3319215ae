import pg from 'pg'
import { PreparingClient } from './preparing-client.ts'

export interface PoolOptions {
  /** Most connections at once. */
  max?: number
  /** Schemas of every connection, as PostgreSQL writes them: "ferrule, public". */
  searchPath?: string
  /** Told of a connection that broke while idle; the pool opens another when it is needed. */
  onIdleError?: (error: Error) => void
}

/**
 * A pool whose callers see a stopped server as ECONNREFUSED, also on a unix socket.
 *
 * A server that is down leaves no socket file, so a connect fails with ENOENT. The durable engine retries ECONNREFUSED
 * and takes ENOENT for a fault of the program: its workflows would hang for good after a restart of PostgreSQL.
 */
class SocketPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>
  override connect(callback: ConnectCallback): void
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) {
      return super.connect().catch((error: unknown) => {
        throw asRefused(error)
      })
    }
    super.connect((error, client, done) => callback(asRefused(error), client, done))
    return undefined
  }
}

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void

function asRefused<T>(error: T): T {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') error.code = 'ECONNREFUSED'
  return error
}

/** A pool on `url`, safe against a server that goes and comes back. The caller ends it. */
export function createPool(url: string, options: PoolOptions = {}): pg.Pool {
  const pool = new SocketPool({
    connectionString: url,
    max: options.max ?? 10,
    Client: PreparingClient,
    ...(options.searchPath === undefined
      ? {}
      : { options: `-c search_path=${options.searchPath.replaceAll(' ', '')}` }),
  })
  // Without a listener an idle connection that breaks would end the process.
  pool.on('error', options.onIdleError ?? (() => {}))
  // Nor may one that is in use: whoever uses it gets the error from its statement.
  pool.on('connect', (client) => void client.on('error', () => {}))
  return pool
}
