import { VLAN_MAX, vlanRanges } from '../../../domain/vlan.ts'

/** As EOS and NX-OS write lists of VLANs: "10,20-22", "none", "ALL". Null if it is not one. Sorted. */
export function parseVlanList(text: string): number[] | null {
  const list = text.trim().toLowerCase()
  if (list === '' || list === 'none') return []
  if (list === 'all') return range(1, VLAN_MAX)
  const vlans: number[] = []
  for (const part of list.split(',')) {
    const match = /^\s*(\d{1,4})(?:\s*-\s*(\d{1,4}))?\s*$/.exec(part)
    const from = Number(match?.[1])
    const to = Number(match?.[2] ?? from)
    if (!match || from < 1 || to > VLAN_MAX || from > to) return null
    vlans.push(...range(from, to))
  }
  return [...new Set(vlans)].sort((a, b) => a - b)
}

export function formatVlanList(vlans: readonly number[]): string {
  return vlans.length === 0 ? 'none' : vlanRanges(vlans).join(',')
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
