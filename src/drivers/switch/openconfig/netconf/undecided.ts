import { setTimeout as sleep } from 'node:timers/promises'
import type { FerruleError } from '../../../../domain/errors.ts'
import type { Dialect } from '../dialect.ts'
import { leaseLost } from '../errors.ts'
import { type PortConfig, sameConfig } from '../model.ts'
import type { Edits } from '../plan.ts'

const LOOK_AGAIN_MS = 250

/** Devices count their seconds from another moment than we do. */
const SLACK_MS = 1_500

/**
 * A confirmed commit was begun, and we do not know that it is over: the device will take it back when it finds the session
 * gone, or when its time is over, or it got our confirmation and will not. Until then a reading that shows the new state
 * proves nothing.
 */
export class Undecided extends Error {
  readonly reason: FerruleError
  readonly #address: string
  readonly #edits: Edits
  readonly #dialect: Dialect
  readonly #until: number

  constructor(
    reason: FerruleError,
    change: { address: string; edits: Edits; dialect: Dialect; windowMs: number },
  ) {
    super(reason.message, { cause: reason })
    this.reason = reason
    this.#address = change.address
    this.#edits = change.edits
    this.#dialect = change.dialect
    this.#until = performance.now() + change.windowMs + SLACK_MS
  }

  /** Ends when the device has taken the change back, or cannot do it any more. @throws lease-lost when `signal` fires */
  async wait(read: () => Promise<ReadonlyMap<string, PortConfig>>, signal?: AbortSignal): Promise<void> {
    while (performance.now() < this.#until) {
      if (signal?.aborted) throw leaseLost(this.#address)
      // A device that cannot be reached takes back what it has all the same.
      const now = await read().catch(() => null)
      if (now && this.#isAsBefore(now)) return
      await sleep(Math.min(LOOK_AGAIN_MS, Math.max(0, this.#until - performance.now())))
    }
  }

  #isAsBefore(now: ReadonlyMap<string, PortConfig>): boolean {
    return this.#edits.ports.every(({ port, before }) => {
      const seen = now.get(port)
      return seen !== undefined && sameConfig(seen, before, this.#dialect)
    })
  }
}
