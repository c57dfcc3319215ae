import type { PortMembership } from '../../world/types.ts'
import { configFromPlain, type PlainConfig, plainConfig } from '../plain-config.ts'
import { PortWatch } from '../port-watch.ts'
import {
  cloneConfig,
  everyVlan,
  FACTORY_VLAN,
  factoryPort,
  membershipOf,
  type PortConfig,
  type SwitchportConfig,
} from './config.ts'

export interface SwitchportSetup {
  /** Ports with a server: access, in the PXE VLAN. */
  hosts: readonly string[]
  /** Trunks to the rest of the network. */
  uplinks: readonly string[]
  /** As from the factory. */
  unused?: readonly string[]
  pxeVlan: number
  /** Others that exist from the first day. */
  vlans?: readonly number[]
}

/** One switch without its management interface. It remembers every membership that a port has ever had. */
export class SwitchportModel {
  #running: SwitchportConfig
  #startup: SwitchportConfig
  readonly #watch = new PortWatch((port) => this.membership(port))

  constructor(setup: SwitchportSetup) {
    this.#running = initialConfig(setup)
    this.#startup = cloneConfig(this.#running)
  }

  /** Read only: changes go through `put`, so that no membership is missed. */
  get running(): SwitchportConfig {
    return this.#running
  }

  get startup(): SwitchportConfig {
    return this.#startup
  }

  get history(): readonly { port: string; membership: PortMembership }[] {
    return this.#watch.history
  }

  put(next: SwitchportConfig): void {
    this.#watch.around(
      () => this.#running.ports.keys(),
      () => {
        this.#running = next
      },
    )
  }

  change(edit: (config: SwitchportConfig) => void): void {
    const next = cloneConfig(this.#running)
    edit(next)
    this.put(next)
  }

  putInto(name: string, vlan: number): void {
    this.change(({ ports }) => {
      const port = ports.get(name)
      if (port) ports.set(name, { ...port, mode: 'access', access: vlan })
    })
  }

  save(): void {
    this.#startup = cloneConfig(this.#running)
    this.#watch.edited()
  }

  reboot(): void {
    this.put(cloneConfig(this.#startup))
  }

  membership(port: string): PortMembership {
    return membershipOf(this.#running, port)
  }

  seen(port: string): PortMembership {
    return this.membership(port)
  }

  savedMembership(port: string): PortMembership {
    // a port-channel that was made and not saved
    if (!this.#startup.ports.has(port)) return { enabled: false, untagged: null, tagged: [] }
    return membershipOf(this.#startup, port)
  }

  /** Called with each port whose membership has changed. */
  onChange(listener: (port: string) => void): void {
    this.#watch.onChange(listener)
  }

  /** Called after every change of either configuration. @returns ends it */
  onEdit(listener: () => void): () => void {
    return this.#watch.onEdit(listener)
  }

  snapshot(): unknown {
    return { running: plainConfig(this.#running), startup: plainConfig(this.#startup) }
  }

  restore(state: unknown): void {
    // what `snapshot` gave
    const { running, startup } = state as { running: PlainConfig; startup: PlainConfig }
    this.#startup = fromPlain(startup)
    this.put(fromPlain(running))
  }
}

function fromPlain(plain: PlainConfig): SwitchportConfig {
  const config: SwitchportConfig = configFromPlain<PortConfig, { name: string }>(plain)
  // a list that nobody has written is known by its identity
  for (const [name, port] of config.ports)
    if (port.allowed.size === everyVlan.size) config.ports.set(name, { ...port, allowed: everyVlan })
  return config
}

function initialConfig({
  hosts,
  uplinks,
  unused = [],
  pxeVlan,
  vlans = [],
}: SwitchportSetup): SwitchportConfig {
  const config: SwitchportConfig = { ports: new Map(), vlans: new Map() }
  config.vlans.set(FACTORY_VLAN, { name: 'default' })
  for (const vlan of [pxeVlan, ...vlans])
    config.vlans.set(vlan, { name: `VLAN${String(vlan).padStart(4, '0')}` })
  for (const name of hosts) config.ports.set(name, { ...factoryPort(), access: pxeVlan })
  for (const name of unused) config.ports.set(name, factoryPort())
  for (const name of uplinks) config.ports.set(name, { ...factoryPort(), mode: 'trunk' })
  return config
}
