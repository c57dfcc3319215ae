import type { BreakerRules } from './power-breaker.ts'
import type { EnforceRules } from './power-policy.ts'

export interface PowerRules {
  breaker: BreakerRules
  enforce: EnforceRules & {
    /** How long an enforcement counts towards the limit. */
    latelyMs: number
  }
  /** Least time between two looks at one BMC, whoever looks. */
  gapMs: number
}

/**
 * All times follow from the interval between two looks at one host, so that there is one dial, in the lab too. What they
 * are at the usual 60 seconds stands beside them. Milliseconds.
 */
export function powerRules(everyMs: number): PowerRules {
  return {
    breaker: {
      firstPause: everyMs / 6, // 10 s
      longestPause: everyMs * 15, // 15 min
      fullPause: everyMs * 1.25, // 75 s: leaked sessions live for 60 (IPMI 2.0 §6.12.15)
      refusedPause: everyMs * 60, // 1 h
    },
    enforce: {
      patienceMs: everyMs / 2, // 30 s: so at the second look
      gapMs: everyMs * 10, // 10 min
      limit: 3,
      everywhere: 10,
      latelyMs: everyMs * 1440, // 1 day
    },
    gapMs: everyMs / 12, // 5 s
  }
}
