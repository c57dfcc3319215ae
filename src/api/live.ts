import type pg from 'pg'
import type { Log } from '../telemetry/log.ts'

/**
 * What the database announced on channel `ferrule`; null: something may have been missed, look again. `ended` comes with
 * the last announcement of an operation.
 */
export type Notice = { operation?: string; ended?: boolean; event?: number; instance?: string } | null

const reconnectAfterMs = 1_000

/** The one LISTEN connection of this process, shared by all streams. It is opened with the first of them. */
export class LiveFeed {
  readonly #pool: pg.Pool
  readonly #log: Log
  readonly #listeners = new Set<(notice: Notice) => void>()
  #client: pg.PoolClient | null = null
  #connecting: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null
  #closed = false

  constructor(pool: pg.Pool, log: Log) {
    this.#pool = pool
    this.#log = log
  }

  /** @returns a function that ends the subscription. */
  subscribe(listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener)
    this.#connect()
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer) clearTimeout(this.#timer)
    await this.#connecting
    // a connection that listens must not go back to the pool
    this.#client?.release(true)
    this.#client = null
  }

  #connect(): void {
    if (this.#closed || this.#client || this.#connecting) return
    this.#connecting = this.#listen()
      .catch((error: unknown) => {
        this.#log('warn', 'cannot listen to the database', { error: String(error) })
        this.#reconnectLater()
      })
      .finally(() => {
        this.#connecting = null
      })
  }

  async #listen(): Promise<void> {
    const client = await this.#pool.connect()
    const lost = (): void => {
      if (this.#client !== client) return
      this.#client = null
      client.release(true)
      this.#reconnectLater()
    }
    client.on('error', lost)
    client.on('end', lost)
    client.on('notification', (message) => this.#tell(parseNotice(message.payload)))
    try {
      await client.query('listen ferrule')
    } catch (error) {
      client.release(true)
      throw error
    }
    this.#client = client
    this.#tell(null)
  }

  #reconnectLater(): void {
    if (this.#closed) return
    this.#timer = setTimeout(() => this.#connect(), reconnectAfterMs)
    this.#timer.unref()
  }

  #tell(notice: Notice): void {
    for (const listener of this.#listeners) listener(notice)
  }
}

function parseNotice(payload: string | undefined): Notice {
  try {
    const value: unknown = JSON.parse(payload ?? '')
    return typeof value === 'object' && value !== null ? value : null
  } catch {
    return null
  }
}
