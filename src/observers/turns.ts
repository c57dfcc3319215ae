import type { Log } from '../telemetry/log.ts'

export interface TurnsOptions {
  /** From the end of one turn to the beginning of the next; asked at the end of each. Milliseconds. */
  pauseMs(): number
  turn(): Promise<void>
  /** In the log, of what fails: "observing power". */
  what: string
  log: Log
}

/** The same work again and again until it is stopped. A turn that fails is told once per outage, and the next one comes all the same. */
export class Turns {
  readonly #options: TurnsOptions
  #timer: NodeJS.Timeout | undefined
  #turning: Promise<void> = Promise.resolve()
  #stopped = false
  #failing = false

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  get stopped(): boolean {
    return this.#stopped
  }

  start(): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#turning = this.#turn().finally(() => this.start())
    }, this.#options.pauseMs())
    this.#timer.unref()
  }

  /** Waits for a turn under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#turning
  }

  /** Of work that a turn began and did not wait for, too. */
  complain(error: unknown): void {
    const { log, what } = this.#options
    if (!this.#failing) log('warn', `${what} failed`, { error: String(error) })
    this.#failing = true
  }

  async #turn(): Promise<void> {
    try {
      await this.#options.turn()
      this.#failing = false
    } catch (error) {
      this.complain(error)
    }
  }
}
