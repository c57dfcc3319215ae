import type { BreakerState } from '../domain/power-breaker.ts'

/** What a look came to: a reading, silence, a refused login, no free session, or anything else. */
export type LookResult = 'on' | 'off' | 'unreachable' | 'refused' | 'full' | 'failed'

/** What the observer counts; telemetry/ turns it into metrics. */
export interface PowerMeters {
  looked(result: LookResult, seconds: number): void
  /** Asked when metrics are read. */
  watch(state: () => WatchState): void
}

export interface WatchState {
  /** Hosts that this replica watches, by the state of their breaker. */
  breakers: Record<BreakerState, number>
  /** Looks under way now. */
  inFlight: number
}
