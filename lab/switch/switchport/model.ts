import type { PortMembership } from '../../world/types.ts'
import { cloneConfig, FACTORY_VLAN, factoryPort, membershipOf, type SwitchportConfig } from './config.ts'

export interface SwitchportSetup {
  /** Ports with a server: access, in the PXE VLAN. */
  hosts: readonly string[]
  /** Trunks to the rest of the network. */
  uplinks: readonly string[]
  pxeVlan: number
  /** Others that exist from the first day. */
  vlans?: readonly number[]
}

export interface Moment {
  port: string
  membership: PortMembership
}

/** One switch without its management interface. It remembers every membership that a port has ever had. */
export class SwitchportModel {
  #running: SwitchportConfig
  #startup: SwitchportConfig
  readonly history: Moment[] = []

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

  put(next: SwitchportConfig): void {
    const before = this.#running
    this.#running = next
    for (const port of before.ports.keys()) {
      const membership = membershipOf(next, port)
      if (JSON.stringify(membership) === JSON.stringify(membershipOf(before, port))) continue
      this.history.push({ port, membership })
    }
  }

  change(edit: (config: SwitchportConfig) => void): void {
    const next = cloneConfig(this.#running)
    edit(next)
    this.put(next)
  }

  save(): void {
    this.#startup = cloneConfig(this.#running)
  }

  reboot(): void {
    this.put(cloneConfig(this.#startup))
  }

  membership(port: string): PortMembership {
    return membershipOf(this.#running, port)
  }
}

function initialConfig({ hosts, uplinks, pxeVlan, vlans = [] }: SwitchportSetup): SwitchportConfig {
  const config: SwitchportConfig = { ports: new Map(), vlans: new Map() }
  config.vlans.set(FACTORY_VLAN, { name: 'default' })
  for (const vlan of [pxeVlan, ...vlans])
    config.vlans.set(vlan, { name: `VLAN${String(vlan).padStart(4, '0')}` })
  for (const name of hosts) config.ports.set(name, { ...factoryPort(), access: pxeVlan })
  for (const name of uplinks) config.ports.set(name, { ...factoryPort(), mode: 'trunk' })
  return config
}
