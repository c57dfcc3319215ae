import { createRandom } from './random.ts'
import { UdpSockets } from './sockets.ts'

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
  /**
   * How long a session is kept for who said that it comes again. Milliseconds, default 55,000: the BMC forgets it after
   * 60 seconds of silence (IPMI 2.0 §6.12.15), give or take 3.
   */
  keptSessionMs?: number
  /** First wait when the BMC has no free session; doubles up to eight times as long. Milliseconds, default 1000. */
  sessionRetryMs?: number
  /**
   * How long to wait for a free session altogether. Milliseconds, default 75,000: sessions that nobody closed (a process
   * was killed) die after 60 seconds of silence (IPMI 2.0 §6.12.15), give or take 3.
   */
  sessionsFullMs?: number
  /** Least time between two commands to one BMC, for those that break under load. Milliseconds, default 0. */
  commandGapMs?: number
  /** How often an open console asks whether the BMC and its session are still there. Milliseconds, default 10,000. */
  consoleKeepAliveMs?: number
  clock?: Clock
  /** Session ids, nonces and initialisation vectors come from here. Default: node:crypto. */
  random?: (bytes: number) => Buffer
}

export interface IpmiSettings extends Required<IpmiDriverOptions> {
  /** Shared by all BMCs of the driver. */
  sockets: UdpSockets
}

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
    keptSessionMs: options.keptSessionMs ?? 55_000,
    sessionRetryMs: options.sessionRetryMs ?? 1000,
    sessionsFullMs: options.sessionsFullMs ?? 75_000,
    commandGapMs: options.commandGapMs ?? 0,
    consoleKeepAliveMs: options.consoleKeepAliveMs ?? 10_000,
    clock: options.clock ?? realClock,
    random: options.random ?? createRandom(),
    sockets: new UdpSockets(),
  }
}

/**
 * Budget for packets whose loss does no lasting harm (probe, Close Session): time for two retransmits,
 * so that one lost packet does not decide.
 */
export function shortBudget(settings: IpmiSettings): number {
  return Math.min(settings.requestTimeoutMs, settings.retransmitMs * 5)
}

/** Rejects at once, with the signal's reason, when one of the signals is aborted. */
export function pause(clock: Clock, ms: number, signals: readonly AbortSignal[] = []): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      cancel()
      for (const signal of signals) signal.removeEventListener('abort', stop)
      const aborted = signals.find((signal) => signal.aborted)
      if (aborted) reject(aborted.reason)
      else resolve()
    }
    const cancel = clock.after(ms, stop)
    for (const signal of signals) signal.addEventListener('abort', stop)
    if (signals.some((signal) => signal.aborted)) stop()
  })
}
