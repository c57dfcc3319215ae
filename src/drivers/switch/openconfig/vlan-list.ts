import { isVlan, VLAN_MAX, VLAN_MIN } from '../../../domain/vlan.ts'

export const everyVlan: readonly number[] = Array.from({ length: VLAN_MAX }, (_, index) => index + VLAN_MIN)

/**
 * `trunk-vlans` of openconfig-vlan: single VLANs, and ranges with both ends in them, "300..310" (some devices write
 * "300-310"). Sorted, without duplicates; null if an entry is neither, because a list that is read in part is a wrong one.
 */
export function parseVlans(entries: readonly (string | number)[]): number[] | null {
  const vlans = new Set<number>()
  for (const entry of entries) {
    const match = /^(\d{1,4})(?:(?:\.\.|-)(\d{1,4}))?$/.exec(String(entry).trim())
    if (!match) return null
    const from = Number(match[1])
    const to = Number(match[2] ?? from)
    if (!isVlan(from) || !isVlan(to) || to < from) return null
    for (let vlan = from; vlan <= to; vlan += 1) vlans.add(vlan)
  }
  return [...vlans].sort((a, b) => a - b)
}
