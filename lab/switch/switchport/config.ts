import type { PortMembership } from '../../world/types.ts'

/** The `switchport` commands of EOS and NX-OS: a port has both halves of its setting, and its mode says which is in force. */
export interface PortConfig {
  switchport: boolean
  mode: 'access' | 'trunk'
  access: number
  native: number
  allowed: ReadonlySet<number>
  shutdown: boolean
  description: string | null
  /** `channel-group N mode …`: what is said of its VLANs is dormant, and the port-channel's counts. */
  channel?: { group: number; mode: 'active' | 'passive' | 'on' }
  /** Of a port-channel: `port-channel lacp fallback …`. */
  fallback?: 'static' | 'individual'
}

export interface SwitchportConfig {
  ports: Map<string, PortConfig>
  vlans: Map<number, { name: string }>
}

export const FACTORY_VLAN = 1
export const HIGHEST_VLAN = 4094

export function factoryPort(): PortConfig {
  return {
    switchport: true,
    mode: 'access',
    access: FACTORY_VLAN,
    native: FACTORY_VLAN,
    allowed: everyVlan,
    shutdown: false,
    description: null,
  }
}

export const everyVlan: ReadonlySet<number> = new Set(
  Array.from({ length: HIGHEST_VLAN }, (_, index) => index + 1),
)

export function cloneConfig(config: SwitchportConfig): SwitchportConfig {
  return {
    ports: new Map([...config.ports].map(([name, port]) => [name, { ...port }])),
    vlans: new Map([...config.vlans].map(([id, vlan]) => [id, { ...vlan }])),
  }
}

export const channelName = (group: number): string => `Port-Channel${group}`

/**
 * A member of a port-channel. Of the two fallbacks only `static` lets somebody through with the VLANs of the
 * port-channel: the first member, as long as it hears no LACP. A group of which nobody is the interface passes nothing.
 */
function memberOf(config: SwitchportConfig, name: string, port: PortConfig): PortMembership {
  const group = port.channel?.group ?? 0
  const channel = config.ports.get(channelName(group))
  if (channel === undefined) return { enabled: false, untagged: null, tagged: [] }
  const { enabled, ...vlans } = membershipOf(config, channelName(group))
  const [first] = [...config.ports].find(([, one]) => one.channel?.group === group) ?? []
  return {
    ...vlans,
    enabled: enabled && !port.shutdown,
    ...(port.channel?.mode === 'on' ? {} : { lag: group }),
    ...(port.channel?.mode !== 'on' && channel.fallback === 'static' && first === name
      ? { fallback: true }
      : {}),
  }
}

/** As frames meet the port: a VLAN that does not exist forwards nothing, and neither does a routed port. */
export function membershipOf(config: SwitchportConfig, name: string): PortMembership {
  const port = config.ports.get(name)
  if (port === undefined) throw new Error(`no port ${name}`)
  if (port.channel) return memberOf(config, name, port)
  const enabled = !port.shutdown
  const here = (vlan: number) => config.vlans.has(vlan)
  if (!port.switchport) return { enabled, untagged: null, tagged: [] }
  if (port.mode === 'access') return { enabled, untagged: here(port.access) ? port.access : null, tagged: [] }
  const carried = [...config.vlans.keys()].filter((vlan) => port.allowed.has(vlan)).sort((a, b) => a - b)
  return {
    enabled,
    untagged: carried.includes(port.native) ? port.native : null,
    tagged: carried.filter((vlan) => vlan !== port.native),
  }
}
