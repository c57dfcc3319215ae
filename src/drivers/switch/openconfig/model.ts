import { samePort } from '../port-state.ts'
import type { PortState } from '../types.ts'
import type { Dialect } from './dialect.ts'
import { everyVlan } from './vlan-list.ts'

/** `switched-vlan/config` of openconfig-vlan, as every transport carries it. Null: the leaf is not there. */
export interface SwitchedVlan {
  mode: 'ACCESS' | 'TRUNK' | null
  accessVlan: number | null
  nativeVlan: number | null
  /** Sorted ascending, no duplicates. */
  trunkVlans: readonly number[] | null
}

/** What is read and written of one interface. */
export interface PortConfig {
  /** `interface/config/enabled`; true where it is not said, as the model has it. */
  enabled: boolean
  vlans: SwitchedVlan
}

export function portState({ enabled, vlans }: PortConfig, dialect: Dialect): PortState {
  if (vlans.mode !== 'TRUNK') {
    const untagged =
      vlans.mode === null ? dialect.withoutUntagged : (vlans.accessVlan ?? dialect.withoutUntagged)
    return { mode: 'access', untagged, tagged: [], enabled }
  }
  const listed = vlans.trunkVlans ?? (dialect.withoutList === 'none' ? [] : everyVlan)
  const native = vlans[dialect.untaggedOnTrunk]
  const dropped = native !== null && dialect.untaggedIsListed && !listed.includes(native)
  const untagged = dropped ? null : (native ?? dialect.withoutUntagged)
  return { mode: 'trunk', untagged, tagged: listed.filter((vlan) => vlan !== native), enabled }
}

/** Every leaf that counts, because it replaces what is there. */
export function portConfig({ untagged, tagged, enabled }: PortState, dialect: Dialect): PortConfig {
  const none = { accessVlan: null, nativeVlan: null, trunkVlans: null }
  if (tagged.length === 0) return { enabled, vlans: { ...none, mode: 'ACCESS', accessVlan: untagged } }
  const listed = untagged !== null && dialect.untaggedIsListed ? [...tagged, untagged] : [...tagged]
  return {
    enabled,
    vlans: {
      ...none,
      mode: 'TRUNK',
      [dialect.untaggedOnTrunk]: untagged,
      trunkVlans: listed.sort((a, b) => a - b),
    },
  }
}

/** Do two configurations let the same frames pass? */
export function sameConfig(a: PortConfig, b: PortConfig, dialect: Dialect): boolean {
  return samePort(portState(a, dialect), portState(b, dialect))
}

/** For people, in the model's words. */
export function describeConfig(port: string, { vlans }: PortConfig): string {
  const leaves = [
    vlans.mode === null ? [] : [`interface-mode ${vlans.mode}`],
    vlans.accessVlan === null ? [] : [`access-vlan ${vlans.accessVlan}`],
    vlans.nativeVlan === null ? [] : [`native-vlan ${vlans.nativeVlan}`],
    vlans.trunkVlans === null ? [] : [`trunk-vlans [${vlans.trunkVlans.join(' ')}]`],
  ].flat()
  return `interface ${port} switched-vlan = ${leaves.join(', ') || 'nothing'}`
}
