import type { LookFailure } from './power-breaker.ts'

export interface PowerChange {
  kind: 'host.power' | 'host.power-unknown' | 'host.power-known'
  message: string
}

interface Known {
  state: 'on' | 'off' | 'unknown'
  /** What was seen before it became unknown; null: never. */
  known: 'on' | 'off' | null
}

/**
 * What two looks in a row have to tell: operations record their own readings, so whatever changes between two looks was
 * not Ferrule's doing. Null: nothing new.
 */
export function powerChange(
  host: string,
  before: Known,
  now: 'on' | 'off' | 'unknown',
  failure: LookFailure | null,
): PowerChange | null {
  if (before.state === now) return null
  if (now === 'unknown') {
    const last = before.known === null ? '' : `; it was ${before.known} when last seen`
    return {
      kind: 'host.power-unknown',
      message: `the power of ${host} is not known any more${last}: ${failure?.message ?? 'its BMC does not say'}`,
    }
  }
  // the first look at a host is no change
  if (before.known === null) return null
  if (before.known === now)
    return { kind: 'host.power-known', message: `the BMC of ${host} answers again: it is ${now}, as before` }
  const meanwhile = before.state === 'unknown' ? ', while its BMC did not answer' : ''
  return { kind: 'host.power', message: `${host} was switched ${now}, not by Ferrule${meanwhile}` }
}
