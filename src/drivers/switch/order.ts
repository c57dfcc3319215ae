import { normalPort } from './port-state.ts'
import type { PortState } from './types.ts'

/** The VLAN changes of one port, in the order in which a device without transactions must get them. */
export interface VlanSteps {
  removeTagged: readonly number[]
  removeUntagged: number | null
  addUntagged: number | null
  addTagged: readonly number[]
}

/**
 * Shrink before grow: all that leaves goes before anything comes, so that at each instant the port carries a part of
 * the old state or a part of the new one, and never two tenants' VLANs. The old untagged VLAN goes before the new one
 * comes, because a port has only one.
 */
export function vlanSteps(current: PortState, wanted: PortState): VlanSteps {
  const now = normalPort(current)
  const want = normalPort(wanted)
  const untaggedMoves = now.untagged !== want.untagged
  return {
    removeTagged: now.tagged.filter((vlan) => !want.tagged.includes(vlan)),
    removeUntagged: untaggedMoves ? now.untagged : null,
    addUntagged: untaggedMoves ? want.untagged : null,
    addTagged: want.tagged.filter((vlan) => !now.tagged.includes(vlan)),
  }
}

/** Everything out and everything in again: for a port that must be empty to be reshaped. */
export function vlanStepsFromEmpty(current: PortState, wanted: PortState): VlanSteps {
  return {
    removeTagged: normalPort(current).tagged,
    removeUntagged: current.untagged,
    addUntagged: wanted.untagged,
    addTagged: normalPort(wanted).tagged,
  }
}
