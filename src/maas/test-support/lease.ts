import type { HostLease } from '../../domain/lease.ts'

/** A lease that holds until `lose` is called. */
export function testLease(): HostLease & { lose(): void } {
  const controller = new AbortController()
  return {
    kind: 'host',
    id: 'host-1',
    holder: 'operation-1',
    signal: controller.signal,
    check: async () => controller.signal.throwIfAborted(),
    lose: () => controller.abort(new Error('lease lost')),
  }
}
