import { createHash } from 'node:crypto'
import type { PortMembership } from '../world/types.ts'
import type { PortConfig, SwitchConfig } from './config.ts'
import { cloneConfig, DEFAULT_VLAN, portOf, taggedVlans, untaggedVlan } from './config.ts'
import type { PortType } from './port-name.ts'
import { PortWatch } from './port-watch.ts'

export interface PortSetup {
  readonly name: string // 1/3
  readonly type?: PortType
  /** 'host': hybrid, switchport, untagged in the PXE VLAN; 'uplink': every VLAN tagged; 'unused': as from the factory. */
  readonly use: 'host' | 'uplink' | 'unused'
}

export interface SwitchSetup {
  readonly name: string
  readonly ports: readonly PortSetup[]
  readonly pxeVlan: number
  /** Other VLANs that exist from the first day, with their descriptions. */
  readonly vlans?: Readonly<Record<number, string>>
}

/** One switch without its management interface: what is configured, what is saved, and what frames meet. */
export class SwitchModel {
  readonly name: string
  readonly chassisMac: string
  #running: SwitchConfig
  #startup: SwitchConfig
  #forwarding = true
  readonly #watch = new PortWatch((port) => this.membership(port))

  constructor(setup: SwitchSetup) {
    this.name = setup.name
    this.chassisMac = macFor(setup.name)
    this.#running = initialConfig(setup)
    this.#startup = cloneConfig(this.#running)
  }

  /** Read only: changes go through `change`, so that nothing on a cable misses one. */
  get running(): SwitchConfig {
    return this.#running
  }

  get startup(): SwitchConfig {
    return this.#startup
  }

  /** Applies a change to a copy and puts it in force as a whole; if it throws, nothing has happened. */
  change(edit: (config: SwitchConfig) => void): void {
    const next = cloneConfig(this.#running)
    edit(next)
    this.#put(next, this.#forwarding)
  }

  save(): void {
    this.#startup = cloneConfig(this.#running)
    this.#watch.edited()
  }

  /** The switch goes down: every link with it. Unsaved configuration is gone. */
  powerDown(): void {
    this.#put(this.#running, false)
  }

  /** Comes back with the start-up configuration. */
  powerUp(): void {
    this.#put(cloneConfig(this.#startup), true)
  }

  membership(port: string): PortMembership {
    return membershipIn(this.#running, this.#forwarding, port)
  }

  /** Called with each port whose membership has changed. */
  onChange(listener: (port: string) => void): void {
    this.#watch.onChange(listener)
  }

  /** Called after every change of either configuration, also one that no frame notices. */
  onEdit(listener: () => void): void {
    this.#watch.onEdit(listener)
  }

  snapshot(): unknown {
    return { running: plain(this.#running), startup: plain(this.#startup) }
  }

  restore(state: unknown): void {
    const saved = state as { running: PlainConfig; startup: PlainConfig }
    this.#startup = fromPlain(saved.startup)
    this.#put(fromPlain(saved.running), true)
  }

  #put(next: SwitchConfig, forwarding: boolean): void {
    this.#watch.around(
      () => this.#running.ports.keys(),
      () => {
        this.#running = next
        this.#forwarding = forwarding
      },
    )
  }
}

/** As frames meet the port; a port that is not in Layer 2 mode drops them all. */
export function membershipIn(config: SwitchConfig, forwarding: boolean, name: string): PortMembership {
  const port = portOf(config, name)
  const channel = port.channel === undefined ? undefined : config.ports.get(String(port.channel))
  if (port.channel !== undefined && channel) {
    const group = membershipIn(config, forwarding, String(port.channel))
    return { ...group, enabled: group.enabled && !port.shutdown, lag: port.channel }
  }
  return {
    enabled: forwarding && !port.shutdown,
    untagged: untaggedVlan(config, name),
    tagged: port.switchport ? taggedVlans(config, name) : [],
  }
}

function initialConfig(setup: SwitchSetup): SwitchConfig {
  const config: SwitchConfig = { ports: new Map(), vlans: new Map() }
  const vlans: Record<number, string | null> = {
    ...setup.vlans,
    [setup.pxeVlan]: 'pxe',
    [DEFAULT_VLAN]: null,
  }
  for (const [id, description] of Object.entries(vlans)) {
    config.vlans.set(Number(id), { description, shutdown: false, untagged: new Set(), tagged: new Set() })
  }
  for (const { name, type, use } of setup.ports) {
    const used = use !== 'unused'
    config.ports.set(name, {
      type: type ?? 'tengigabitethernet',
      uplink: use === 'uplink',
      switchport: used,
      hybrid: used,
      shutdown: !used,
      description: null,
    })
    if (use === 'host') config.vlans.get(setup.pxeVlan)?.untagged.add(name)
  }
  return config
}

/** A stable chassis MAC under Force10's registered prefix 00:01:e8. */
function macFor(name: string): string {
  const digest = createHash('sha256').update(name).digest('hex')
  return `00:01:e8:${digest.slice(0, 2)}:${digest.slice(2, 4)}:${digest.slice(4, 6)}`
}

interface PlainConfig {
  ports: [string, PortConfig][]
  vlans: { id: number; description: string | null; shutdown: boolean; untagged: string[]; tagged: string[] }[]
}

function plain(config: SwitchConfig): PlainConfig {
  return {
    ports: [...config.ports],
    vlans: [...config.vlans].map(([id, vlan]) => ({
      id,
      description: vlan.description,
      shutdown: vlan.shutdown,
      untagged: [...vlan.untagged],
      tagged: [...vlan.tagged],
    })),
  }
}

function fromPlain(state: PlainConfig): SwitchConfig {
  return {
    ports: new Map(state.ports),
    vlans: new Map(
      state.vlans.map(({ id, ...vlan }) => [
        id,
        { ...vlan, untagged: new Set(vlan.untagged), tagged: new Set(vlan.tagged) },
      ]),
    ),
  }
}
