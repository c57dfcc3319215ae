import { FerruleError } from './errors.ts'

/** IEEE 802.1Q: 0 and 4095 are reserved. */
export const VLAN_MIN = 1
export const VLAN_MAX = 4094

export interface VlanRange {
  from: number
  to: number
}

/** What one site's rack files and settings allow. */
export interface VlanFence {
  range: VlanRange
  pxeVlan: number
  quarantineVlan: number
}

export function isVlan(vlan: number): boolean {
  return Number.isInteger(vlan) && vlan >= VLAN_MIN && vlan <= VLAN_MAX
}

/** A tenant's VLAN: inside the range given to us and none of our own service VLANs. Returns why not, or null. */
export function tenantVlanFault(vlan: number, fence: VlanFence): FerruleError | null {
  if (!isVlan(vlan)) {
    return new FerruleError(
      'invalid-input',
      `VLAN ${vlan} is not in ${VLAN_MIN}-${VLAN_MAX}`,
      'Use a VLAN id from 1 to 4094.',
      { vlan },
    )
  }
  if (vlan === fence.pxeVlan || vlan === fence.quarantineVlan) {
    const role = vlan === fence.pxeVlan ? 'PXE' : 'quarantine'
    return new FerruleError(
      'vlan-fenced',
      `VLAN ${vlan} is the ${role} VLAN and never a tenant's`,
      `Choose another VLAN in ${fence.range.from}-${fence.range.to}.`,
      { vlan },
    )
  }
  if (vlan < fence.range.from || vlan > fence.range.to) {
    return new FerruleError(
      'vlan-fenced',
      `VLAN ${vlan} is outside ${fence.range.from}-${fence.range.to}, which the rack file gives to Ferrule`,
      'Choose a VLAN inside the range, or widen vlanRange in the rack file or the settings.',
      { vlan, range: fence.range },
    )
  }
  return null
}

/** The switch lacks them, and its rack file says that we create none there. */
export function vlanMissing(switchId: string, vlans: readonly number[]): FerruleError {
  const named = vlans.length === 1 ? `no VLAN ${vlans[0]}` : `none of the VLANs ${vlans.join(', ')}`
  return new FerruleError(
    'vlan-missing',
    `Switch ${switchId} has ${named}, and Ferrule is not to create any there`,
    'Create it on the switch, and let its uplinks carry it; or take "createVlans": false out of the rack file.',
    { switch: switchId, vlans },
  )
}

/** For people: sorted, and 300 to 305 as "300-305". A trunk that carries every VLAN would be a page of numbers. */
export function vlanRanges(vlans: readonly number[]): string[] {
  const runs: { from: number; to: number }[] = []
  for (const vlan of [...new Set(vlans)].sort((a, b) => a - b)) {
    const last = runs.at(-1)
    if (last && vlan === last.to + 1) last.to = vlan
    else runs.push({ from: vlan, to: vlan })
  }
  return runs.flatMap(({ from, to }) => {
    if (to - from > 1) return [`${from}-${to}`]
    return to > from ? [String(from), String(to)] : [String(from)]
  })
}

/** `vlan://1577` as CloudStack writes it, a bare number, or null for untagged and unknown. */
export function parseBroadcastUri(uri: string | null | undefined): number | null {
  if (!uri) return null
  const match = /^(?:vlan:\/\/)?(\d{1,4})$/.exec(uri.trim())
  return match?.[1] ? Number(match[1]) : null
}
