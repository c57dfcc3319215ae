import type { Clock } from '../options.ts'

/** Time that passes when a test says so. */
export class ManualClock implements Clock {
  #now = 0
  readonly #tasks = new Set<{ at: number; task: () => void }>()

  after(ms: number, task: () => void): () => void {
    const entry = { at: this.#now + ms, task }
    this.#tasks.add(entry)
    return () => this.#tasks.delete(entry)
  }

  /** Runs what is due, in its order, including what that brings. */
  pass(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const [next] = [...this.#tasks].sort((a, b) => a.at - b.at)
      if (next === undefined || next.at > end) break
      this.#now = next.at
      this.#tasks.delete(next)
      next.task()
    }
    this.#now = end
  }
}
