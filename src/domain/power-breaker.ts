import type { ErrorCode } from './errors.ts'
import type { Attention } from './host.ts'

/** Why the last look at a BMC failed. */
export interface LookFailure {
  code: ErrorCode
  message: string
  remedy: string
  /** All its sessions are taken: leaked ones live for a minute. */
  full: boolean
}

/** A BMC whose looks fail is left alone for a while. Without one, all is well. */
export interface Breaker {
  /** Failed looks in a row. */
  failures: number
  /** Not looked at before this. Milliseconds since the epoch. */
  until: number
  /** The login was refused: what stands for these credentials. Others are tried at once. */
  refused: string | null
}

/** Milliseconds. */
export interface BreakerRules {
  /** After the first failure; doubles with each. */
  firstPause: number
  longestPause: number
  /** After "no free session": for as long as a leaked one lives. */
  fullPause: number
  /** After a refused login: so long that no BMC locks the user out for trying. */
  refusedPause: number
}

/** Codes that say no to who we are. Asking again with the same credentials can only do harm. */
const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['bmc-auth', 'bmc-untrusted'])

export function isRefusal(code: ErrorCode): boolean {
  return refusals.has(code)
}

/** @param chance 0 to 1, so that BMCs that failed together do not come back together. */
export function afterFailure(
  before: Breaker | null,
  failure: LookFailure,
  credentials: string,
  rules: BreakerRules,
  now: number,
  chance: number,
): Breaker {
  const failures = (before?.failures ?? 0) + 1
  if (isRefusal(failure.code)) return { failures, until: now + rules.refusedPause, refused: credentials }
  const doubled = Math.min(rules.longestPause, rules.firstPause * 2 ** Math.min(failures - 1, 30))
  const pause = failure.full ? Math.max(rules.fullPause, doubled) : doubled
  return { failures, until: now + pause * (0.9 + 0.2 * chance), refused: null }
}

/** One failed look may be the network's fault: the state is unknown after two, or when the login is refused. */
export function isUnknown({ failures, refused }: Breaker): boolean {
  return failures >= 2 || refused !== null
}

/** So many failures in a row, some minutes at the usual pace, are a matter for a person. */
const failuresForAttention = 5

export function needsAttention({ failures, refused }: Breaker): boolean {
  return failures >= failuresForAttention || refused !== null
}

export type BreakerState = 'closed' | 'open' | 'refused'

export function breakerState(breaker: Breaker | null): BreakerState {
  if (breaker === null) return 'closed'
  return breaker.refused === null ? 'open' : 'refused'
}

export function breakerAttention(
  breaker: Breaker,
  failure: LookFailure,
  host: string,
): Omit<Attention, 'since'> | null {
  if (!needsAttention(breaker)) return null
  if (breaker.refused !== null) {
    return {
      code: 'power-refused',
      message: `${failure.message} So the power of ${host} is not known, and the login is not tried again for a while: many BMCs lock a user out after some tries`,
      remedy: `${failure.remedy} Changed credentials are tried at once.`,
    }
  }
  return {
    code: 'power-unknown',
    message: `the power of ${host} is not known: ${failure.message}`,
    remedy: failure.remedy,
  }
}
