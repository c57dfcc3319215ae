import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

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

  /** A folder for what the benchmark keeps; it goes with it. */
  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'ferrule-bench-'))
    this.add(() => rm(folder, { recursive: true, force: true }))
    // as root PostgreSQL runs as somebody else: what they cannot walk to would lie elsewhere, and stay
    await chmod(folder, 0o711)
    return folder
  }

  async run(): Promise<void> {
    for (const stop of this.#stops.splice(0)) await stop()
  }
}
