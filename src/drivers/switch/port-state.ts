import { vlanRanges } from '../../domain/vlan.ts'
import type { PortState } from './types.ts'

/** Sorted, without duplicates; the mode follows from the tagged VLANs, so that equal ports compare equal. */
export function normalPort(state: PortState): PortState {
  const tagged = [...new Set(state.tagged)].sort((a, b) => a - b)
  return { ...state, mode: tagged.length > 0 ? 'trunk' : 'access', tagged }
}

/** Do two states let the same frames pass, in the same LAG or in none? What a port is prepared for is not compared. */
export function samePort(a: PortState, b: PortState): boolean {
  const left = normalPort(a)
  const right = normalPort(b)
  return (
    left.untagged === right.untagged &&
    left.enabled === right.enabled &&
    left.lag === right.lag &&
    left.tagged.length === right.tagged.length &&
    left.tagged.every((vlan, index) => vlan === right.tagged[index])
  )
}

/** The VLANs whose frames can pass the port now: none while it is shut down. */
export function carried(state: PortState): ReadonlySet<number> {
  if (!state.enabled) return new Set()
  return new Set(state.untagged === null ? state.tagged : [state.untagged, ...state.tagged])
}

/** Where a host without a tenant may be: alone, untagged, in a VLAN that is ours. */
export function isParked(state: PortState, fence: { pxeVlan: number; quarantineVlan: number }): boolean {
  const parking = state.untagged === fence.pxeVlan || state.untagged === fence.quarantineVlan
  return parking && state.tagged.length === 0
}

/** For messages: "untagged 100, tagged 200 300, up". */
export function describePort(state: PortState | undefined): string {
  if (!state) return 'unknown'
  const untagged = state.untagged === null ? 'no untagged VLAN' : `untagged ${state.untagged}`
  const tagged = state.tagged.length > 0 ? `, tagged ${vlanRanges(state.tagged).join(' ')}` : ''
  const lag = state.lag === undefined ? '' : `, in LAG ${state.lag}`
  return `${untagged}${tagged}${lag}, ${state.enabled ? 'up' : 'shut down'}`
}
