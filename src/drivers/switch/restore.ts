import { FerruleError } from '../../domain/errors.ts'
import type { SwitchLease } from '../../domain/lease.ts'
import { differing, onlyPorts, type PortMap } from './diff.ts'
import { ownLags } from './lags.ts'
import type { ManagedSwitch } from './managed-switch.ts'
import { carried, isParked } from './port-state.ts'
import { readAgain } from './reads.ts'

export interface Restored {
  /** All ports that had to go back are back, as read from the switch. */
  ok: boolean
  /** The last state read; null when the switch could not be read. */
  now: PortMap | null
  /** Ports left as they are, because that is safer than the state before. */
  kept: readonly string[]
  /** For the message. */
  said: string
}

/**
 * Puts back the state read before a write that went wrong; best effort, and verified. Never throws.
 *
 * The exception is the safe harbour: a port that was to be parked (PXE or quarantine VLAN) and now carries nothing
 * but that VLAN, or nothing at all, stays so. To put a tenant's VLAN back on it because, say, the flash was full
 * would undo the very thing that protects the tenants.
 */
export async function restorePorts(
  managed: ManagedSwitch,
  lease: SwitchLease,
  attempt: { wanted: PortMap; before: PortMap; changed: readonly string[] },
): Promise<Restored> {
  const kept: string[] = []
  let now: PortMap | null = null
  const read = () =>
    readAgain(() => managed.device.readPorts(attempt.changed), managed.readRetryMs, lease.signal)
  try {
    now = await read()
    kept.push(...safelyParked(managed, now, attempt))
    const target = onlyPorts(
      attempt.before,
      attempt.changed.filter((port) => !kept.includes(port)),
    )
    const back = onlyPorts(target, differing(now, target))
    if (back.size > 0) {
      const [vlans, lags] = await Promise.all([
        readAgain(() => managed.device.readVlans(), managed.readRetryMs, lease.signal),
        ownLags(managed, lease.signal),
      ])
      const changes = managed.device.plan(now, back, new Set(vlans.map(({ vlan }) => vlan)), lags)
      await managed.device.apply(lease, changes)
      now = await read()
    }
    const wrong = differing(now, target)
    return { ok: wrong.length === 0, now, kept, said: sentence(target.size, wrong, kept) }
  } catch (error) {
    const why = error instanceof FerruleError ? error.message : 'an internal error'
    return { ok: false, now, kept, said: `the state before could not be put back: ${why}` }
  }
}

function safelyParked(
  managed: ManagedSwitch,
  now: PortMap,
  attempt: { wanted: PortMap; changed: readonly string[] },
): string[] {
  return attempt.changed.filter((port) => {
    const want = attempt.wanted.get(port)
    const seen = now.get(port)
    if (!want || !seen || !isParked(want, managed.fence)) return false
    const allowed = carried(want)
    return [...carried(seen)].every((vlan) => allowed.has(vlan))
  })
}

function sentence(ports: number, wrong: readonly string[], kept: readonly string[]): string {
  if (wrong.length > 0) return `the state before could not be put back on ${wrong.join(', ')}`
  const parts: string[] = []
  if (ports > 0) parts.push('the state before was put back')
  if (kept.length > 0) parts.push(`${kept.join(', ')} left where no tenant can be reached`)
  return parts.length > 0 ? parts.join('; ') : 'no port had been changed'
}
