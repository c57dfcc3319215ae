/**
 * Work that is done one run at a time, and whose every caller gets a run that began after the call: what a run under
 * way has read may be older than what the caller has just done. Callers who wait share the next run.
 */
export class FreshRuns {
  #current: Promise<void> | null = null
  #next: Promise<void> | null = null
  readonly #work: () => Promise<void>

  constructor(work: () => Promise<void>) {
    this.#work = work
  }

  /** @throws what this caller's run throws; a run before it has callers of its own to tell. */
  run(): Promise<void> {
    if (this.#next) return this.#next
    if (!this.#current) return this.#start()
    const start = () => {
      this.#next = null
      return this.#start()
    }
    this.#next = this.#current.then(start, start)
    return this.#next
  }

  /** Resolves when nothing runs or waits any more, however it ended. */
  async idle(): Promise<void> {
    await (this.#next ?? this.#current)?.catch(() => undefined)
  }

  #start(): Promise<void> {
    this.#current = this.#work().finally(() => {
      this.#current = null
    })
    return this.#current
  }
}
