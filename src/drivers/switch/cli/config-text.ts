import type { PortSettings, SeenConfig, SeenPort } from './profile.ts'
import { everyVlan, parseVlans, withoutVlan } from './vlan-list.ts'

/** The sections of a configuration that is printed with its lines indented under their header. */
export function sections(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  let lines: string[] | null = null
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('!')) continue
    if (/^\s/.test(line)) {
      lines?.push(line.trim())
    } else {
      const header = line.trim()
      lines = found.get(header) ?? []
      found.set(header, lines)
    }
  }
  return found
}

/** The lines of each interface, by its name. */
export function interfaces(text: string): Map<string, readonly string[]> {
  return new Map(
    [...sections(text)].flatMap(([header, lines]) => {
      const name = /^interface (\S.*)$/.exec(header)?.[1]
      return name === undefined ? [] : [[name.replaceAll(' ', ''), lines] as const]
    }),
  )
}

/** What the lines of one port say, in the words that IOS, NX-OS, EOS and OS10 have in common. */
export interface CommonPort {
  mode: string | null
  access: number | null
  native: number | null
  /** Null: nothing is said. */
  allowed: readonly number[] | null
  shutdown: boolean | null
  /** Something of Layer 2 is said. */
  layer2: boolean
  /** Any other reason not to touch it. */
  undriven: string | null
}

/** What makes a port carry other VLANs than its mode and lists say, in each family that has it. */
const strangers: readonly [RegExp, string][] = [
  [/^channel-group (\d+)/, 'it is a member of a port channel: name that one in the rack file'],
  [/^no switchport$/, 'it is a routed port'],
  [/^switchport voice vlan (?!none)/, 'it has a voice VLAN'],
  [
    /^switchport (?:trunk native vlan tag|trunk group|vlan (?:mapping|translation))/,
    'its VLANs are translated, tagged or grouped',
  ],
  [/^switchport access vlan (?!\d+$)/, 'its VLAN is not a number'],
  [/^member-interface|^virtual-network/, 'it belongs to a virtual network'],
]

export function commonPort(lines: readonly string[]): CommonPort {
  const port: CommonPort = {
    mode: null,
    access: null,
    native: null,
    allowed: null,
    shutdown: null,
    layer2: lines.some((line) => line.startsWith('switchport')),
    undriven: null,
  }
  for (const line of lines) {
    port.undriven ??= strangers.find(([pattern]) => pattern.test(line))?.[1] ?? null
    if (line === 'shutdown' || line === 'no shutdown') port.shutdown = line === 'shutdown'
    const setting = /^switchport (mode|access vlan|trunk native vlan|trunk allowed vlan) (.+)$/.exec(line)
    const value = setting?.[2] ?? ''
    if (setting?.[1] === 'mode') port.mode = value
    if (setting?.[1] === 'access vlan') port.access = Number(value)
    if (setting?.[1] === 'trunk native vlan') port.native = Number(value)
    if (setting?.[1] === 'trunk allowed vlan') {
      const listed = listOf(value, port.allowed ?? [])
      if (listed === null) port.undriven ??= `its list of VLANs cannot be read ("${value.slice(0, 40)}")`
      else port.allowed = listed
    }
  }
  return port
}

/** "1-3,7", "none", "all", "except 5"; with "add" what comes beside what the lines before said. */
function listOf(value: string, before: readonly number[]): readonly number[] | null {
  if (value === 'none') return []
  if (value === 'all') return everyVlan
  const match = /^(?:(add|except) )?([\d,\s-]+)$/.exec(value)
  const vlans = parseVlans(match?.[2] ?? '')
  if (vlans === null) return null
  if (match?.[1] === 'except') return everyVlan.filter((vlan) => !vlans.includes(vlan))
  return match?.[1] === 'add' ? [...new Set([...before, ...vlans])].sort((a, b) => a - b) : vlans
}

/** For families whose native VLAN passes only if the list has it, and which have VLAN 1 where nothing is said. */
export function listedNativePort(port: CommonPort, enabled: boolean, usualMode: string | null): SeenPort {
  const mode = port.mode ?? usualMode
  const settings: PortSettings = {
    mode: mode === 'trunk' ? 'trunk' : 'access',
    access: port.access ?? 1,
    native: port.native ?? 1,
    allowed: port.allowed ?? everyVlan,
    enabled,
  }
  const { native, allowed, access } = settings
  const untagged = native !== null && allowed.includes(native) ? native : null
  return {
    settings,
    state:
      settings.mode === 'trunk'
        ? { mode: 'trunk', untagged, tagged: withoutVlan(allowed, native), enabled }
        : { mode: 'access', untagged: access, tagged: [], enabled },
    undriven: port.undriven ?? modeFault(mode),
  }
}

/** For families in which the untagged VLAN stands beside the list of tagged ones. */
export function besideListPort(port: CommonPort, enabled: boolean): SeenPort {
  const mode = port.mode ?? 'access'
  const untagged = port.access ?? (mode === 'access' ? 1 : null)
  const allowed = mode === 'access' ? [] : withoutVlan(port.allowed ?? [], untagged)
  const trunk = mode === 'trunk'
  return {
    settings: { mode: trunk ? 'trunk' : 'access', access: untagged, native: untagged, allowed, enabled },
    state: { mode: trunk ? 'trunk' : 'access', untagged, tagged: allowed, enabled },
    undriven: port.undriven ?? modeFault(mode),
  }
}

function modeFault(mode: string | null): string | null {
  if (mode === 'access' || mode === 'trunk') return null
  return mode === null
    ? 'it has no fixed `switchport mode`: whoever hangs on it may make it a trunk'
    : `its mode is "${mode}", and neither access nor trunk`
}

/** "vlan 1,10,100-102" and "vlan 100" with "name web" below it. */
export function vlanSections(found: ReadonlyMap<string, readonly string[]>): Map<number, string | null> {
  const vlans = new Map<number, string | null>()
  for (const [header, lines] of found) {
    const listed = parseVlans(/^vlan ([\d,-]+)$/.exec(header)?.[1] ?? '')
    const name = lines.map((line) => /^name (.+)$/.exec(line)?.[1]).find((one) => one !== undefined)
    for (const vlan of listed ?? []) vlans.set(vlan, name ?? vlans.get(vlan) ?? null)
  }
  return vlans
}

/** All ports of the sections "interface NAME", by what `portOf` makes of their lines; null: it is none of ours. */
export function portSections(
  found: ReadonlyMap<string, readonly string[]>,
  portOf: (name: string, lines: readonly string[]) => SeenPort | null,
): SeenConfig['ports'] {
  const ports = new Map<string, SeenPort>()
  for (const [header, lines] of found) {
    const name = /^interface (\S+(?: \S+)?)$/.exec(header)?.[1]
    const port = name === undefined ? null : portOf(name, lines)
    if (name !== undefined && port) ports.set(name, port)
  }
  return ports
}

const row = /(?:^|\s)(\d{1,4})\s+((?:[0-9a-f]{4}\.){2}[0-9a-f]{4}|(?:[0-9a-f]{2}:){5}[0-9a-f]{2})(?=\s)/i

/** Tables of learned addresses: the VLAN's number, then the address, whatever stands around them. */
export function macTable(answer: string): { mac: string; vlan: number }[] {
  return answer.split('\n').flatMap((line) => {
    const match = row.exec(`${line} `)
    if (!match?.[2]) return []
    const digits = match[2].toLowerCase().replaceAll(/[.:]/g, '')
    return [{ mac: digits.replaceAll(/..(?!$)/g, '$&:'), vlan: Number(match[1]) }]
  })
}
