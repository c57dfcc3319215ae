import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import type { HostLease } from '../domain/lease.ts'
import { setAttention } from '../store/hosts.ts'
import { parkPorts } from './ports.ts'
import { ensureOff } from './power.ts'
import type { Tools } from './tools.ts'

/** So many tries of the BMC before the network is cut instead. */
const TRIES = 3

/**
 * Off, confirmed by the BMC. An unreachable BMC is never "off": after a few tries the ports go to the quarantine VLAN,
 * for the tenant's VLAN may be another one's soon; the caller's step keeps trying all the same.
 */
export async function offOrQuarantine(
  tools: Tools,
  host: Host,
  lease: HostLease,
  context: { operation: { id: string }; attempt: number },
): Promise<void> {
  try {
    await ensureOff(tools, host, lease)
  } catch (error) {
    if (error instanceof FerruleError && error.code !== 'lease-lost' && context.attempt >= TRIES) {
      await parkPorts(tools, host, context.operation.id, 'quarantine')
      await setAttention(tools.db, host.id, {
        code: error.code,
        message: `${host.name} cannot be switched off: ${error.message}`,
        remedy:
          'Its ports are in the quarantine VLAN. Look at its BMC; switching it off is tried again and again.',
        since: new Date(tools.now()).toISOString(),
      })
    }
    throw error
  }
}
