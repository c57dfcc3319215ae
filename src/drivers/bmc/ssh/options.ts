/** Time as an argument, so that a test can own it. */
export interface Clock {
  /** Runs `task` after `ms` milliseconds; the answer cancels it. */
  after(ms: number, task: () => void): () => void
}

export interface SshConsoleOptions {
  /** From the first packet to the end of the login. Milliseconds, default 15,000: old BMCs compute for seconds. */
  loginMs?: number
  /** How often a silent BMC is asked whether it is there; it is lost after three in a row. Milliseconds, default 10,000. */
  keepAliveMs?: number
  /** How long a command line is waited for before the entry command is sent all the same. Milliseconds, default 3,000. */
  promptMs?: number
  /** A command line that has been silent for so long waits for its command. Milliseconds, default 250. */
  quietMs?: number
  /** Whoever is sent away is so within this time. Milliseconds, default 1,000. */
  settleMs?: number
  /** How long the BMC may take to take keys, or to end. Milliseconds, default 10,000. */
  writeMs?: number
  clock?: Clock
}

export type SshSettings = Required<SshConsoleOptions>

const realClock: Clock = {
  after(ms, task) {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  },
}

export function withDefaults(options: SshConsoleOptions): SshSettings {
  return {
    loginMs: options.loginMs ?? 15_000,
    keepAliveMs: options.keepAliveMs ?? 10_000,
    promptMs: options.promptMs ?? 3_000,
    quietMs: options.quietMs ?? 250,
    settleMs: options.settleMs ?? 1_000,
    writeMs: options.writeMs ?? 10_000,
    clock: options.clock ?? realClock,
  }
}
