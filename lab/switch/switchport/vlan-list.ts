import { formatNumbers } from '../ranges.ts'
import { everyVlan, HIGHEST_VLAN } from './config.ts'

/** "10,20-22", "all", "none"; null if it is no such list. */
export function readVlanList(text: string): Set<number> | null {
  if (text === 'all') return new Set(everyVlan)
  if (text === 'none') return new Set()
  const vlans = new Set<number>()
  for (const part of text.split(',')) {
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part)
    if (match === null) return null
    const from = Number(match[1])
    const to = Number(match[2] ?? from)
    if (from < 1 || to > HIGHEST_VLAN || from > to) return null
    for (let vlan = from; vlan <= to; vlan += 1) vlans.add(vlan)
  }
  return vlans
}

export function showVlanList(vlans: ReadonlySet<number>): string {
  if (vlans.size === HIGHEST_VLAN) return 'all'
  return vlans.size === 0 ? 'none' : formatNumbers([...vlans].sort((a, b) => a - b))
}
