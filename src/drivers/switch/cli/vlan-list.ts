import { VLAN_MAX, VLAN_MIN } from '../../../domain/vlan.ts'

export const everyVlan: readonly number[] = Array.from(
  { length: VLAN_MAX - VLAN_MIN + 1 },
  (_, index) => VLAN_MIN + index,
)

/** "1-3,7" (blanks allowed) as numbers, sorted; null if it is no such list. */
export function parseVlans(text: string): number[] | null {
  const vlans = new Set<number>()
  for (const part of text.replaceAll(/\s/g, '').split(',')) {
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part)
    if (!match) return null
    const from = Number(match[1])
    const to = Number(match[2] ?? match[1])
    if (from < VLAN_MIN || to > VLAN_MAX || from > to) return null
    for (let vlan = from; vlan <= to; vlan += 1) vlans.add(vlan)
  }
  return [...vlans].sort((a, b) => a - b)
}

/** 1,2,3,7 as "1-3", "7": the parts of a list. The numbers come sorted. */
export function vlanParts(vlans: readonly number[]): string[] {
  const parts: string[] = []
  for (let start = 0; start < vlans.length; ) {
    let end = start
    while (vlans[end + 1] === (vlans[end] ?? 0) + 1) end += 1
    parts.push(end === start ? `${vlans[start]}` : `${vlans[start]}-${vlans[end]}`)
    start = end + 1
  }
  return parts
}

/** As many lists as it takes to keep each at `most` characters: command lines have an end. */
export function vlanLists(vlans: readonly number[], most = 180): string[] {
  const lists: string[] = []
  for (const part of vlanParts(vlans)) {
    const last = lists.at(-1)
    if (last === undefined || last.length + 1 + part.length > most) lists.push(part)
    else lists[lists.length - 1] = `${last},${part}`
  }
  return lists
}

/** The same as "1 to 3 7", at most ten parts a list, as some families take them. */
export function vlanWords(vlans: readonly number[], most = 10): string[] {
  const parts = vlanParts(vlans).map((part) => part.replace('-', ' to '))
  return parts.flatMap((_, at) => (at % most === 0 ? [parts.slice(at, at + most).join(' ')] : []))
}

/** "1 to 3 7" as numbers, sorted; null if it is no such list. */
export function parseVlanWords(text: string): number[] | null {
  return parseVlans(
    text
      .trim()
      .replaceAll(/ +to +/g, '-')
      .replaceAll(/ +/g, ','),
  )
}

export function withVlan(vlans: readonly number[], vlan: number | null): number[] {
  return vlan === null ? [...vlans] : [...new Set([...vlans, vlan])].sort((a, b) => a - b)
}

export function withoutVlan(vlans: readonly number[], vlan: number | null): number[] {
  return vlans.filter((one) => one !== vlan)
}
