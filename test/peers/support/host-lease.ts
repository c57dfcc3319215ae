import type { HostLease } from '../../../src/domain/lease.ts'

/** A hold that is never lost. */
export const heldHost: HostLease = {
  kind: 'host',
  id: 'host-1',
  holder: 'operation-1',
  signal: new AbortController().signal,
  check: async () => undefined,
}
