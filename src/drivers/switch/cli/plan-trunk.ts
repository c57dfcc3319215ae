import { type CommonLines, planned, unusedNative } from './plan.ts'
import type { PortChange, Step } from './profile.ts'
import { withVlan } from './vlan-list.ts'

export interface TrunkLines extends CommonLines {
  permit(port: string, vlans: readonly number[]): readonly string[]
  forbid(port: string, vlans: readonly number[]): readonly string[]
  native(port: string, vlan: number): readonly string[]
}

/**
 * For switches that put a port into VLAN 1 while its mode changes: host ports are trunks for good, and one that carries
 * its native VLAN alone is what an access port is. A native VLAN passes only if it is permitted, so what leaves goes
 * first, the native VLAN moves while it is not, and then comes what is new.
 */
export function trunkPlan(lines: TrunkLines): (change: PortChange) => Step[] {
  return planned(lines, (port, now, want) => {
    const native = want.untagged ?? unusedNative(want.tagged)
    const stays = now.untagged === want.untagged
    const kept = now.tagged.filter((vlan) => want.tagged.includes(vlan))
    const keep = withVlan(kept, stays ? now.untagged : null)
    const allowed = withVlan(want.tagged, want.untagged)
    const gone = withVlan(now.tagged, now.untagged).filter((vlan) => !keep.includes(vlan))
    const come = allowed.filter((vlan) => !keep.includes(vlan))
    const steps: Step[] = []
    if (gone.length > 0) steps.push({ lines: lines.forbid(port, gone), settings: { allowed: keep } })
    if (!stays) steps.push({ lines: lines.native(port, native), settings: { native, allowed: keep } })
    if (come.length > 0) steps.push({ lines: lines.permit(port, come), settings: { native, allowed } })
    return steps
  })
}
