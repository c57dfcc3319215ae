import { portSections, sections } from '../config-text.ts'
import type { SeenConfig, SeenPort } from '../profile.ts'
import { everyVlan, parseVlanWords, withoutVlan } from '../vlan-list.ts'

/** What tells families apart whose ports say `port link-type`: their words, and what is none of ours. */
export interface PermitWords {
  names: RegExp
  /** In `port trunk … vlan`. */
  permit: string
  strangers: readonly [RegExp, string][]
}

/** A configuration of this grammar; VLAN 1 is permitted on a trunk, and there at all, where nothing is said. */
export function parsePermits(text: string, words: PermitWords): SeenConfig {
  const found = sections(text)
  const ports = portSections(found, (name, lines) => (words.names.test(name) ? portOf(lines, words) : null))
  const vlans = new Map<number, string | null>()
  for (const [header, lines] of found) {
    const listed = parseVlanWords(/^vlan (?:batch )?(\d[\d to]*)$/.exec(header)?.[1] ?? '')
    const name = lines.map((line) => /^(?:name|description) (.+)$/.exec(line)?.[1]).find((one) => one)
    for (const vlan of listed ?? []) vlans.set(vlan, name ?? vlans.get(vlan) ?? null)
  }
  return { ports, vlans }
}

function portOf(lines: readonly string[], { permit, strangers }: PermitWords): SeenPort {
  let undriven = strangers.find(([pattern]) => lines.some((line) => pattern.test(line)))?.[1] ?? null
  const type = lines.map((line) => /^port link-type (\S+)$/.exec(line)?.[1]).find((one) => one) ?? 'access'
  if (type !== 'trunk') undriven ??= `its link type is "${type}", and not trunk`
  const native = Number(
    lines.map((line) => /^port trunk pvid vlan (\d+)$/.exec(line)?.[1]).find(Boolean) ?? 1,
  )
  const allowed = new Set([1])
  for (const line of lines) {
    const said = new RegExp(`^(undo )?port trunk ${permit} vlan (.+)$`).exec(line)
    if (!said) continue
    const listed = said[2] === 'all' ? everyVlan : parseVlanWords(said[2] ?? '')
    if (listed === null) undriven ??= `its list of VLANs cannot be read ("${said[2]?.slice(0, 40)}")`
    for (const vlan of listed ?? []) {
      if (said[1] === undefined) allowed.add(vlan)
      else allowed.delete(vlan)
    }
  }
  const list = [...allowed].sort((a, b) => a - b)
  const enabled = !lines.includes('shutdown')
  const tagged = withoutVlan(list, native)
  return {
    settings: { mode: 'trunk', access: null, native, allowed: list, enabled },
    state: {
      mode: tagged.length > 0 ? 'trunk' : 'access',
      untagged: allowed.has(native) ? native : null,
      tagged,
      enabled,
    },
    undriven,
  }
}
