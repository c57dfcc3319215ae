import { FerruleError } from '../../../../domain/errors.ts'
import type { HostLease } from '../../../../domain/lease.ts'

export interface TestLease extends HostLease {
  /** From now on `check` refuses and the signal is aborted. */
  lose(): void
  /** `check` refuses, but nobody has noticed yet. */
  loseUnnoticed(): void
}

export function holdHost(): TestLease {
  const controller = new AbortController()
  const lost = new FerruleError('lease-lost', 'The hold on host h1 was lost.', 'Wait.')
  let gone = false
  return {
    kind: 'host',
    id: 'h1',
    holder: 'operation-1',
    signal: controller.signal,
    async check() {
      if (gone || controller.signal.aborted) throw lost
    },
    lose: () => controller.abort(lost),
    loseUnnoticed() {
      gone = true
    },
  }
}
