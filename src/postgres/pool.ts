import pg from 'pg'
import { asOverTcp } from './lost-server.ts'
import { PreparingClient } from './preparing-client.ts'

export interface PoolOptions {
  /** Most connections at once. */
  max?: number
  /** Schemas of every connection, as PostgreSQL writes them: "ferrule, public". */
  searchPath?: string
  /** Told of a connection that broke while idle; the pool opens another when it is needed. */
  onIdleError?: (error: Error) => void
}

/** A pool whose callers see a server that is gone by the codes of TCP, also on a unix socket. */
class SocketPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>
  override connect(callback: ConnectCallback): void
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) {
      return super.connect().catch((error: unknown) => {
        throw asOverTcp(error)
      })
    }
    super.connect((error, client, done) => callback(asOverTcp(error), client, done))
    return undefined
  }
}

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void

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
