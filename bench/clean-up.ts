/** What a benchmark has started, to be stopped at its end and when somebody presses Ctrl-C. */
export class CleanUp {
  readonly #stops: (() => Promise<void>)[] = []

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => void this.run().finally(() => process.exit(130)))
  }

  /** The last one that was added is stopped first: it may need the ones before. */
  add(stop: () => Promise<void>): void {
    this.#stops.unshift(stop)
  }

  async run(): Promise<void> {
    for (const stop of this.#stops.splice(0)) await stop()
  }
}
