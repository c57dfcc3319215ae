import type { PortState } from '../types.ts'
import { type CommonLines, planned, unusedNative } from './plan.ts'
import type { PortChange, Step } from './profile.ts'
import { withVlan } from './vlan-list.ts'

export interface ReshapeLines extends CommonLines {
  /** From whatever it was to this access VLAN, with one command; what the port had as a trunk is gone. */
  access(port: string, vlan: number): readonly string[]
  /** From an access port to a trunk of these VLANs. */
  trunk(port: string, native: number, vlans: readonly number[]): readonly string[]
  permit(port: string, vlans: readonly number[]): readonly string[]
  forbid(port: string, vlans: readonly number[]): readonly string[]
}

/**
 * For switches on which a port that becomes a trunk, or is given another native VLAN, carries every VLAN until it is
 * told which: it is shut meanwhile. Tagged VLANs beside a native one that stays come and go without that.
 */
export function reshapePlan(lines: ReshapeLines): (change: PortChange) => Step[] {
  return planned(lines, (port, now, want) => {
    if (want.tagged.length === 0 && want.untagged !== null) {
      const access = want.untagged
      return [{ lines: lines.access(port, access), settings: { mode: 'access', access } }]
    }
    const allowed = withVlan(want.tagged, want.untagged)
    const before = withVlan(now.tagged, now.untagged)
    const keep = before.filter((vlan) => allowed.includes(vlan))
    const stays = now.mode === 'trunk' && now.untagged === want.untagged && keep.length > 0
    if (!stays) return reshaped(lines, port, now, want, allowed)
    const gone = before.filter((vlan) => !keep.includes(vlan))
    const come = allowed.filter((vlan) => !keep.includes(vlan))
    return [
      ...(gone.length > 0 ? [{ lines: lines.forbid(port, gone), settings: { allowed: keep } }] : []),
      ...(come.length > 0 ? [{ lines: lines.permit(port, come), settings: { allowed } }] : []),
    ]
  })
}

function reshaped(
  lines: ReshapeLines,
  port: string,
  now: PortState,
  want: PortState,
  allowed: readonly number[],
): Step[] {
  const native = want.untagged ?? unusedNative(want.tagged)
  const shape = [
    // An access port has no list that something could be left over from.
    ...lines.access(port, native),
    ...lines.trunk(port, native, allowed),
  ]
  return [
    ...(now.enabled ? [{ lines: lines.shutdown(port), settings: { enabled: false } }] : []),
    { lines: shape, settings: { mode: 'trunk', native, allowed, enabled: false } },
    // Otherwise whoever shuts and opens around these steps has opened or shut it.
    ...(now.enabled && want.enabled ? [{ lines: lines.noShutdown(port), settings: { enabled: true } }] : []),
  ]
}
