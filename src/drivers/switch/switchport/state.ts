import type { PortState } from '../types.ts'

/** What EOS and NX-OS keep of a port; only the part of its mode is in force. */
export interface Switchport {
  mode: 'access' | 'trunk'
  access: number
  /** Null: no VLAN leaves without a tag (`switchport trunk native vlan tag`). */
  native: number | null
  allowed: readonly number[]
  enabled: boolean
}

/** As both make a port that nothing is configured on: access in VLAN 1; as a trunk it would carry every VLAN. */
export const FACTORY_VLAN = 1

/** The native VLAN passes a trunk only while the list allows it too. */
export function portState({ mode, access, native, allowed, enabled }: Switchport): PortState {
  if (mode === 'access') return { mode, untagged: access, tagged: [], enabled }
  const untagged = native !== null && allowed.includes(native) ? native : null
  return { mode, untagged, tagged: allowed.filter((vlan) => vlan !== untagged), enabled }
}
