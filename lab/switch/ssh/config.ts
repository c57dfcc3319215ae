/** What one switch with a command line has configured. One shape for all makes; each make gives it its own meaning. */
export interface CliPort {
  layer2: boolean
  mode: 'access' | 'trunk'
  access: number | null
  native: number | null
  allowed: Set<number>
  shutdown: boolean
  /** `channel-group N mode …`: what is said of its own VLANs counts for nothing, and the port-channel's does. */
  channel?: { group: number; mode: 'active' | 'passive' | 'on' }
  /** Of a port-channel: how a member passes frames that hears no LACP; in its VLANs (`static`), or in VLANs of its own. */
  fallback?: 'static' | 'individual'
}

export interface CliConfig {
  ports: Map<string, CliPort>
  vlans: Map<number, string | null>
}

export interface Membership {
  untagged: number | null
  tagged: number[]
  /** The port-channel with LACP whose member it is. */
  lag?: number
  /** It is the member that passes frames as long as it hears no LACP. */
  fallback?: true
}

export const ALL_VLANS: readonly number[] = Array.from({ length: 4094 }, (_, index) => index + 1)

export function clonedConfig(config: CliConfig): CliConfig {
  return {
    vlans: new Map(config.vlans),
    ports: new Map(
      [...config.ports].map(([name, port]) => [name, { ...port, allowed: new Set(port.allowed) }]),
    ),
  }
}

/** How a make understands a trunk: the native VLAN as one of the list, or the access VLAN beside the list. */
export type TrunkRule = 'native-in-list' | 'access-beside-list'

/** The port-channel that counts for a member; the port itself, if it is none. Null: there is no such port-channel. */
export function countsFor(config: CliConfig, name: string): string | null {
  const group = config.ports.get(name)?.channel?.group
  if (group === undefined) return name
  return [...config.ports.keys()].find((one) => one.toLowerCase() === `port-channel${group}`) ?? null
}

function memberOf(config: CliConfig, name: string, port: CliPort, rule: TrunkRule): Membership {
  const channel = countsFor(config, name)
  if (channel === null || port.shutdown) return { untagged: null, tagged: [] }
  const vlans = membershipOf(config, channel, rule)
  if (port.channel?.mode === 'on') return vlans
  const group = port.channel?.group ?? 0
  const [first] = [...config.ports].find(([, one]) => one.channel?.group === group) ?? []
  const falls = config.ports.get(channel)?.fallback === 'static' && first === name
  return { ...vlans, lag: group, ...(falls ? { fallback: true as const } : {}) }
}

/** What frames meet. A VLAN that does not exist on the switch carries nothing. */
export function membershipOf(config: CliConfig, name: string, rule: TrunkRule): Membership {
  const port = config.ports.get(name)
  if (port?.channel) return memberOf(config, name, port, rule)
  if (!port?.layer2 || port.shutdown) return { untagged: null, tagged: [] }
  const exists = (vlan: number | null) => (vlan !== null && config.vlans.has(vlan) ? vlan : null)
  if (port.mode === 'access') return { untagged: exists(port.access), tagged: [] }
  const beside = rule === 'access-beside-list'
  const untagged = beside ? port.access : port.native
  const listed = [...port.allowed].filter((vlan) => vlan !== untagged && config.vlans.has(vlan))
  const passes = untagged !== null && (beside || port.allowed.has(untagged))
  return { untagged: passes ? exists(untagged) : null, tagged: listed.sort((a, b) => a - b) }
}

/** "1-3,7" in numbers; null if it is no list. */
export function readList(text: string): number[] | null {
  const numbers: number[] = []
  for (const part of text.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part)
    const from = Number(match?.[1])
    const to = Number(match?.[2] ?? match?.[1])
    if (match === null || from < 1 || to > 4094 || from > to) return null
    for (let number = from; number <= to; number += 1) numbers.push(number)
  }
  return numbers
}
