import { randomBytes } from 'node:crypto'

/** Time as an argument, so that a test can own it. */
export interface Clock {
  /** Runs `task` after `ms` milliseconds; the answer cancels it. */
  after(ms: number, task: () => void): () => void
}

export interface IpmiDriverOptions {
  /** How long one request may wait for its answer, retransmits included. Milliseconds, default 5000. */
  requestTimeoutMs?: number
  /** Wait before the first retransmit; doubles each time. Milliseconds, default 300. */
  retransmitMs?: number
  /** How long an idle session is kept for the next command. Milliseconds, default 2000; 0 closes after each. */
  sessionLingerMs?: number
  /** First wait when the BMC has no free session; doubles each time, four tries. Milliseconds, default 1000. */
  sessionRetryMs?: number
  clock?: Clock
  /** Session ids, nonces and initialisation vectors come from here. Default: node:crypto. */
  random?: (bytes: number) => Buffer
}

export type IpmiSettings = Required<IpmiDriverOptions>

const realClock: Clock = {
  after(ms, task) {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  },
}

export function withDefaults(options: IpmiDriverOptions): IpmiSettings {
  return {
    requestTimeoutMs: options.requestTimeoutMs ?? 5000,
    retransmitMs: options.retransmitMs ?? 300,
    sessionLingerMs: options.sessionLingerMs ?? 2000,
    sessionRetryMs: options.sessionRetryMs ?? 1000,
    clock: options.clock ?? realClock,
    random: options.random ?? randomBytes,
  }
}

/**
 * Budget for packets whose loss does no lasting harm (probe, Close Session): time for two retransmits,
 * so that one lost packet does not decide.
 */
export function shortBudget(settings: IpmiSettings): number {
  return Math.min(settings.requestTimeoutMs, settings.retransmitMs * 5)
}

export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve)
  })
}
