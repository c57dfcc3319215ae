import type { PortType } from './port-name.ts'
import { comparePorts, shortName } from './port-name.ts'

/**
 * The rules of an OS9 configuration: VLANs own their members, a port is untagged in one VLAN at most, and only a
 * hybrid port may be untagged and tagged at once. Each function changes the configuration that it is given or throws
 * Refusal and leaves it as it was.
 */

/** Every port in Layer 2 mode that is untagged nowhere else is untagged here. */
export const DEFAULT_VLAN = 1
export const HIGHEST_VLAN = 4094
const HIGHEST_CHANNEL = 128

/** What the command line prints after "% Error: ". */
export class Refusal extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Refusal'
  }
}

export interface PortConfig {
  readonly type: PortType
  /** Carries every VLAN tagged, and VLAN commands cannot change that: the way to the rest of the network. */
  readonly uplink: boolean
  switchport: boolean
  hybrid: boolean
  shutdown: boolean
  description: string | null
  /** The port-channel whose member it is by LACP. Frames meet that one then, and its VLANs. */
  channel?: number
}

export interface VlanConfig {
  description: string | null
  /** Layer 3 state of the VLAN interface; frames inside the VLAN do not care. */
  shutdown: boolean
  untagged: Set<string>
  tagged: Set<string>
}

export interface SwitchConfig {
  ports: Map<string, PortConfig>
  vlans: Map<number, VlanConfig>
}

export function cloneConfig(config: SwitchConfig): SwitchConfig {
  return {
    ports: new Map([...config.ports].map(([name, port]) => [name, { ...port }])),
    vlans: new Map(
      [...config.vlans].map(([id, vlan]) => [
        id,
        { ...vlan, untagged: new Set(vlan.untagged), tagged: new Set(vlan.tagged) },
      ]),
    ),
  }
}

export function portOf(config: SwitchConfig, name: string): PortConfig {
  const port = config.ports.get(name)
  if (port === undefined) throw new Refusal(`Port ${name} does not exist.`)
  return port
}

export function sortedVlans(config: SwitchConfig): number[] {
  return [...config.vlans.keys()].sort((a, b) => a - b)
}

export function taggedVlans(config: SwitchConfig, port: string): number[] {
  return sortedVlans(config).filter((id) => isTagged(config, port, id))
}

function isTagged({ ports, vlans }: SwitchConfig, port: string, id: number): boolean {
  const vlan = vlans.get(id)
  if (vlan === undefined) return false
  return vlan.tagged.has(port) || (id !== DEFAULT_VLAN && ports.get(port)?.uplink === true)
}

/** The VLAN other than the default one in which the port is untagged. */
function untaggedByConfig(config: SwitchConfig, port: string): number | null {
  for (const [id, vlan] of config.vlans) if (vlan.untagged.has(port)) return id
  return null
}

/** A hybrid port always has an untagged VLAN; one that is not hybrid loses the default VLAN when it is tagged. */
export function untaggedVlan(config: SwitchConfig, port: string): number | null {
  const settings = portOf(config, port)
  if (!settings.switchport || settings.uplink) return null
  const vlan = untaggedByConfig(config, port)
  if (vlan !== null) return vlan
  return settings.hybrid || taggedVlans(config, port).length === 0 ? DEFAULT_VLAN : null
}

/** Members of a VLAN as the switch shows them: with the default VLAN's unwritten ones, and the uplinks. */
export function members(config: SwitchConfig, vlan: number): { untagged: string[]; tagged: string[] } {
  const ports = [...config.ports.keys()].sort(comparePorts)
  return {
    untagged: ports.filter((port) => untaggedVlan(config, port) === vlan),
    tagged: ports.filter((port) => isTagged(config, port, vlan)),
  }
}

export function ensureVlan(config: SwitchConfig, id: number): VlanConfig {
  if (!Number.isInteger(id) || id < 1 || id > HIGHEST_VLAN)
    throw new Refusal(`Vlan id ${id} is out of range 1-${HIGHEST_VLAN}.`)
  const present = config.vlans.get(id)
  if (present !== undefined) return present
  const created: VlanConfig = { description: null, shutdown: false, untagged: new Set(), tagged: new Set() }
  config.vlans.set(id, created)
  return created
}

/** Its members fall back into the default VLAN. */
export function removeVlan(config: SwitchConfig, id: number): void {
  if (id === DEFAULT_VLAN) throw new Refusal('Default Vlan cannot be deleted.')
  if (!config.vlans.delete(id)) throw new Refusal(`Vlan ${id} does not exist.`)
}

function memberPort(config: SwitchConfig, name: string): { port: PortConfig; shown: string } {
  const port = portOf(config, name)
  const shown = shortName(port.type, name)
  if (!port.switchport) throw new Refusal(`${shown} Port is not in Layer 2 mode.`)
  return { port, shown }
}

export function addUntagged(config: SwitchConfig, id: number, name: string): void {
  const vlan = ensureVlan(config, id)
  const { port, shown } = memberPort(config, name)
  const now = untaggedVlan(config, name)
  if (now === id) return
  if (port.uplink) throw new Refusal(`${shown} Port is an uplink.`)
  if (now !== null && now !== DEFAULT_VLAN) throw new Refusal(`${shown} Port is untagged in another Vlan.`)
  if (vlan.tagged.has(name)) throw new Refusal(`${shown} Port is tagged in this Vlan.`)
  if (!port.hybrid && taggedVlans(config, name).length > 0)
    throw new Refusal(`${shown} Port is tagged in another Vlan.`)
  vlan.untagged.add(name)
}

export function removeUntagged(config: SwitchConfig, id: number, name: string): void {
  const { shown } = memberPort(config, name)
  if (id === DEFAULT_VLAN) throw new Refusal(`${shown} Port cannot be removed from the default Vlan.`)
  if (config.vlans.get(id)?.untagged.delete(name) !== true) {
    throw new Refusal(`${shown} Port is not an untagged member of Vlan ${id}.`)
  }
}

export function addTagged(config: SwitchConfig, id: number, name: string): void {
  const vlan = ensureVlan(config, id)
  const { port, shown } = memberPort(config, name)
  if (port.uplink || vlan.tagged.has(name)) return
  if (id === DEFAULT_VLAN) throw new Refusal(`${shown} Port cannot be tagged in the default Vlan.`)
  const untagged = untaggedByConfig(config, name)
  if (untagged === id) throw new Refusal(`${shown} Port is untagged in this Vlan.`)
  if (untagged !== null && !port.hybrid) throw new Refusal(`${shown} Port is untagged in another Vlan.`)
  vlan.tagged.add(name)
}

export function removeTagged(config: SwitchConfig, id: number, name: string): void {
  const { port, shown } = memberPort(config, name)
  if (port.uplink) throw new Refusal(`${shown} Port is an uplink.`)
  if (config.vlans.get(id)?.tagged.delete(name) !== true) {
    throw new Refusal(`${shown} Port is not a tagged member of Vlan ${id}.`)
  }
}

function refuseMember(config: SwitchConfig, name: string): void {
  const port = portOf(config, name)
  const inVlan = untaggedByConfig(config, name) !== null || taggedVlans(config, name).length > 0
  if (inVlan) throw new Refusal(`${shortName(port.type, name)} Port is part of a non-default Vlan.`)
}

/** "interface port-channel N" makes it when it is not there yet: shut down, in Layer 3 mode. */
export function ensureChannel(config: SwitchConfig, id: number): void {
  if (id < 1 || id > HIGHEST_CHANNEL)
    throw new Refusal(`Port-channel id ${id} is out of range 1-${HIGHEST_CHANNEL}.`)
  const name = String(id)
  if (config.ports.has(name)) return
  const born = { uplink: false, switchport: false, hybrid: false, shutdown: true, description: null }
  config.ports.set(name, { type: 'portchannel', ...born })
}

/** Its members stay behind in Layer 3 mode, and its VLANs lose it. */
export function removeChannel(config: SwitchConfig, id: number): void {
  if (!config.ports.delete(String(id))) throw new Refusal(`Port-channel ${id} does not exist.`)
  for (const port of config.ports.values()) if (port.channel === id) delete port.channel
  for (const vlan of config.vlans.values()) {
    vlan.untagged.delete(String(id))
    vlan.tagged.delete(String(id))
  }
}

/** Only a port without a configuration of its own can be a member. */
export function joinChannel(config: SwitchConfig, name: string, id: number): void {
  const port = portOf(config, name)
  const shown = shortName(port.type, name)
  if (port.type === 'portchannel' || port.uplink) throw new Refusal(`${shown} cannot be a member.`)
  if (port.switchport || port.hybrid) throw new Refusal(`${shown} Port is in Layer 2 mode.`)
  if (!config.ports.has(String(id))) throw new Refusal(`Port-channel ${id} does not exist.`)
  port.channel = id
}

function refuseInChannel(port: PortConfig, name: string): void {
  if (port.channel !== undefined) throw new Refusal(`${shortName(port.type, name)} Port is part of a LAG.`)
}

/** The port mode changes only while the port is in no VLAN but the default one. */
export function setHybrid(config: SwitchConfig, name: string, hybrid: boolean): void {
  const port = portOf(config, name)
  if (port.hybrid === hybrid) return
  refuseInChannel(port, name)
  refuseMember(config, name)
  port.hybrid = hybrid
}

export function setSwitchport(config: SwitchConfig, name: string, switchport: boolean): void {
  const port = portOf(config, name)
  if (port.switchport === switchport) return
  refuseInChannel(port, name)
  if (!switchport) refuseMember(config, name)
  port.switchport = switchport
}
