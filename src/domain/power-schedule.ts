import { spread } from './hash.ts'

/** Milliseconds within the interval that belong to a host: always the same ones, so that all hosts are spread evenly. */
export function phaseOf(hostId: string, everyMs: number): number {
  return (spread(hostId) / 2 ** 32) * everyMs
}

/** The first instant of that phase after `after`. */
export function nextLook(phase: number, everyMs: number, after: number): number {
  return phase + (Math.floor((after - phase) / everyMs) + 1) * everyMs
}

interface Entry {
  id: string
  at: number
}

/** Whose turn is when: a binary heap by time. An id has one time; setting it again replaces it. */
export class DueQueue {
  readonly #heap: Entry[] = []
  readonly #times = new Map<string, number>()

  get size(): number {
    return this.#times.size
  }

  set(id: string, at: number): void {
    this.#times.set(id, at)
    this.#push({ id, at })
  }

  delete(id: string): void {
    this.#times.delete(id)
  }

  /** The earliest id whose time has come; it leaves the queue. */
  take(now: number): string | undefined {
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.#pop()
      // An entry that was replaced or deleted stays in the heap until its time.
      if (this.#times.get(first.id) !== first.at) continue
      this.#times.delete(first.id)
      return first.id
    }
    return undefined
  }

  #push(entry: Entry): void {
    let index = this.#heap.push(entry) - 1
    while (index > 0) {
      const above = (index - 1) >> 1
      if (this.#at(above) <= entry.at) break
      this.#swap(index, above)
      index = above
    }
  }

  #pop(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    for (let index = 0; ; ) {
      const left = 2 * index + 1
      const below = this.#at(left + 1) < this.#at(left) ? left + 1 : left
      if (this.#at(below) >= this.#at(index)) return
      this.#swap(index, below)
      index = below
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.at ?? Number.POSITIVE_INFINITY
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]]
    if (first === undefined || second === undefined) return
    this.#heap[a] = second
    this.#heap[b] = first
  }
}
