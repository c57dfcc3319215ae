import { FerruleError } from '../../domain/errors.ts'
import type { SwitchHealth } from './types.ts'

export interface BreakerRules {
  /** So many calls in a row without an answer, and the switch is left alone. */
  failures: number
  /** Milliseconds of the first rest; doubles each time that the switch still does not answer. */
  firstPauseMs: number
  longestPauseMs: number
}

/** A read is tried three times, and an operation begins with two reads side by side: this is the second operation. */
export const defaultBreakerRules: BreakerRules = {
  failures: 8,
  firstPauseMs: 5_000,
  longestPauseMs: 60_000,
}

/**
 * One switch's breaker. Closed: calls go through. Open: they fail at once, instead of each waiting for its time-out, so that
 * whoever needs a dead switch learns it at once and goes on with the rest. Half-open: after the rest one call is let through to
 * see, and the others wait for what it sees: an operation reads two things side by side, and must not fail over the second one
 * when the switch has answered the first.
 */
export class SwitchBreaker {
  readonly #id: string
  readonly #rules: BreakerRules
  readonly #now: () => number
  #failures = 0
  #pauses = 0
  #until = 0
  /** While one call is let through to see; it never rejects. */
  #probe: Promise<void> | null = null
  #last: FerruleError | null = null

  constructor(id: string, rules: BreakerRules = defaultBreakerRules, now: () => number = Date.now) {
    this.#id = id
    this.#rules = rules
    this.#now = now
  }

  health(): SwitchHealth {
    const open = this.#pauses > 0
    return {
      state: open ? (this.#probe || this.#now() >= this.#until ? 'half-open' : 'open') : 'closed',
      failures: this.#failures,
      nextTry: open ? this.#until : null,
      lastError: this.#last?.message ?? null,
    }
  }

  /** @throws switch-unreachable without having asked the switch, or what the call throws */
  async call<T>(work: () => Promise<T>): Promise<T> {
    while (this.#probe) await this.#probe
    if (this.#pauses === 0) return this.#ask(work)
    if (this.#now() < this.#until) throw this.#resting()
    let seen = () => {}
    this.#probe = new Promise((resolve) => {
      seen = resolve
    })
    try {
      return await this.#ask(work)
    } finally {
      this.#probe = null
      seen()
    }
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work()
      this.#answered()
      return result
    } catch (error) {
      if (error instanceof FerruleError && error.code === 'switch-unreachable') this.#failed(error)
      // any other word of the switch shows that it is there; what is not of the switch shows nothing
      else if (error instanceof FerruleError && error.code.startsWith('switch-')) this.#answered()
      throw error
    }
  }

  #answered(): void {
    this.#failures = 0
    this.#pauses = 0
    this.#last = null
  }

  #failed(error: FerruleError): void {
    this.#failures += 1
    this.#last = error
    if (this.#pauses === 0 && this.#failures < this.#rules.failures) return
    // those that were under way when it opened say nothing new
    if (this.#pauses > 0 && !this.#probe) return
    const { firstPauseMs, longestPauseMs } = this.#rules
    this.#until = this.#now() + Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(this.#pauses, 20))
    this.#pauses += 1
  }

  #resting(): FerruleError {
    const seconds = Math.max(1, Math.ceil((this.#until - this.#now()) / 1000))
    return new FerruleError(
      'switch-unreachable',
      `Switch ${this.#id} has not answered ${this.#failures} times in a row and is left alone for another ${seconds} s: ${this.#last?.message ?? 'no answer'}`,
      this.#last?.remedy ?? 'Check its power and the management network; it is tried again by itself.',
      {
        switch: this.#id,
        failures: this.#failures,
        nextTry: new Date(this.#until).toISOString(),
        resting: true,
      },
    )
  }
}
