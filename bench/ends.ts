import { LiveFeed } from '../src/api/live.ts'
import type { Core } from '../src/core.ts'

interface Waiting {
  resolve(): void
  reject(error: Error): void
}

const LIMIT_MS = 60_000

/** Tells when operations end, from the database's announcements: a bench that asks all the time measures itself. */
export class OperationEnds {
  readonly #core: Core
  readonly #feed: LiveFeed
  readonly #unsubscribe: () => void
  readonly #waiting = new Map<string, Waiting>()
  #looking = false
  #again = false

  constructor(core: Core) {
    this.#core = core
    this.#feed = new LiveFeed(core.pool, (level, message, data) =>
      process.stderr.write(`${level} ${message} ${JSON.stringify(data ?? {})}\n`),
    )
    this.#unsubscribe = this.#feed.subscribe((notice) => {
      // a parked operation is an error here, and the limit tells of it
      if (notice === null || (notice.ended && this.#waiting.has(notice.operation ?? ''))) this.#look()
    })
  }

  /** Rejects if one of them ends other than well, parks, or takes longer than a minute. */
  async all(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#one(id)))
  }

  async close(): Promise<void> {
    this.#unsubscribe()
    await this.#feed.close()
  }

  #one(id: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => settle(() => reject(new Error(`operation ${id} did not end`))), LIMIT_MS)
      const settle = (how: () => void) => {
        clearTimeout(late)
        this.#waiting.delete(id)
        how()
      }
      this.#waiting.set(id, {
        resolve: () => settle(resolve),
        reject: (error) => settle(() => reject(error)),
      })
      this.#look()
    })
  }

  /** One question for all that are waited for; what is announced meanwhile is asked afterwards. */
  #look(): void {
    if (this.#looking) {
      this.#again = true
      return
    }
    this.#looking = true
    this.#ask()
      .catch((error: unknown) => {
        for (const one of [...this.#waiting.values()])
          one.reject(error instanceof Error ? error : new Error(String(error)))
      })
      .finally(() => {
        this.#looking = false
        if (!this.#again) return
        this.#again = false
        this.#look()
      })
  }

  async #ask(): Promise<void> {
    if (this.#waiting.size === 0) return
    const { rows } = await this.#core.services.tools.db.query<{
      id: string
      kind: string
      state: string
      fault: unknown
    }>(
      `select id, kind, state, coalesce(error, parked) as fault from operation
       where id = any($1) and (ended_at is not null or state = 'parked')`,
      [[...this.#waiting.keys()]],
    )
    for (const { id, kind, state, fault } of rows) {
      const one = this.#waiting.get(id)
      if (state === 'succeeded') one?.resolve()
      else one?.reject(new Error(`${kind} ended as ${state}: ${JSON.stringify(fault)}`))
    }
  }
}
