import { VLAN_MAX } from '../../../domain/vlan.ts'
import { normalPort, samePort } from '../port-state.ts'
import type { PortState, SwitchChange } from '../types.ts'
import { FACTORY_VLAN } from './state.ts'
import { formatVlanList } from './vlan-list.ts'

/**
 * The lines of EOS and NX-OS per port, absolute and in an order that a switch may take one by one:
 * - what the mode makes inert is set first (the list of a port that is still access, the access VLAN of a trunk), then
 *   the mode, so that a port which becomes a trunk never carries the factory's "all";
 * - a trunk whose native VLAN moves is emptied first: else the old native VLAN would go on with a tag;
 * - afterwards the inert half names the same VLAN too, so that no `switchport mode` of anybody wakes an old tenant's.
 */
export function planSwitchports(
  current: ReadonlyMap<string, PortState>,
  wanted: ReadonlyMap<string, PortState>,
  vlansPresent: ReadonlySet<number>,
): SwitchChange[] {
  const known = new Set([...vlansPresent, FACTORY_VLAN])
  return [...wanted].flatMap(([port, want]) => {
    const now = current.get(port)
    if (!now) throw new Error(`plan without the current state of ${port}`)
    if (samePort(now, want)) return []
    return { port, lines: [...newVlans(want, known), `interface ${port}`, ...portLines(now, want)] }
  })
}

/** NX-OS wants another name for each VLAN; an operator sees whose they are. */
export function newVlans(want: PortState, known: Set<number>): string[] {
  const vlans = want.untagged === null ? want.tagged : [want.untagged, ...want.tagged]
  const missing = vlans.filter((vlan) => !known.has(vlan))
  for (const vlan of missing) known.add(vlan)
  return missing.flatMap((vlan) => [`vlan ${vlan}`, ` name ferrule-${vlan}`])
}

/** Every line of a port, whatever it had. */
export function wholeLines(want: PortState): string[] {
  return [
    ...(want.enabled ? [] : [' shutdown']),
    ...vlanLines(unknown, want),
    ...(want.enabled ? [' no shutdown'] : []),
  ]
}

const unknown: PortState = { mode: 'access', untagged: null, tagged: [], enabled: false }

export function portLines(now: PortState, want: PortState): string[] {
  const vlans = samePort({ ...now, enabled: true }, { ...want, enabled: true }) ? [] : vlanLines(now, want)
  return [
    ...(want.enabled ? [] : [' shutdown']),
    ...vlans,
    ...(want.enabled && !now.enabled ? [' no shutdown'] : []),
  ]
}

function vlanLines(now: PortState, want: PortState): string[] {
  const { untagged, tagged } = normalPort(want)
  const native = untagged ?? freeVlan(tagged)
  if (untagged !== null && tagged.length === 0) {
    return [
      ` switchport access vlan ${untagged}`,
      ' switchport mode access',
      ' switchport trunk allowed vlan none',
      ` switchport trunk native vlan ${untagged}`,
    ]
  }
  const allowed = untagged === null ? tagged : [untagged, ...tagged]
  const nativeStays = now.mode === 'trunk' && now.untagged !== null && now.untagged === untagged
  return [
    ...(nativeStays
      ? []
      : [' switchport trunk allowed vlan none', ` switchport trunk native vlan ${native}`]),
    ` switchport trunk allowed vlan ${formatVlanList(allowed)}`,
    ' switchport mode trunk',
    ` switchport access vlan ${native}`,
  ]
}

/** A native VLAN that the list does not allow: untagged frames are dropped. */
function freeVlan(tagged: readonly number[]): number {
  for (let vlan = FACTORY_VLAN; vlan < VLAN_MAX; vlan += 1) if (!tagged.includes(vlan)) return vlan
  return FACTORY_VLAN
}
