import { FerruleError } from '../../../domain/errors.ts'
import type { SwitchLease } from '../../../domain/lease.ts'
import { CommonReading } from '../common-reading.ts'
import type {
  Announcement,
  LearnedMac,
  PortState,
  PortWatch,
  SwitchCapabilities,
  SwitchChange,
  SwitchDevice,
} from '../types.ts'
import { notUnderstood, refused } from './errors.ts'
import { parseMacTable } from './mac-table.ts'
import { portState } from './model.ts'
import { parseAnnouncements } from './neighbours.ts'
import { PlannedPorts } from './plan.ts'
import { canonicalPort } from './ports.ts'
import type { Snapshot, Transport } from './transport.ts'

/** A switch with OpenConfig's models, whichever way it is spoken to. */
export class OpenConfigSwitch implements SwitchDevice {
  readonly address: string
  readonly #transport: Transport
  readonly watch?: PortWatch
  readonly #planned = new PlannedPorts()
  readonly #reading = new CommonReading(() => this.#transport.read('running'))
  /** Of the last reading, which comes before every plan. */
  #makesVlans = false

  constructor(transport: Transport) {
    this.#transport = transport
    this.address = transport.address
    if (transport.watch) this.watch = transport.watch.bind(transport)
  }

  /** Known after the first reading, as far as they depend on the device. */
  get capabilities(): SwitchCapabilities {
    return this.#transport.traits.capabilities
  }

  canonicalPort(port: string): string {
    return canonicalPort(port)
  }

  async readPorts(ports: readonly string[]): Promise<Map<string, PortState>> {
    return this.#states(ports, await this.#running())
  }

  async readSavedPorts(ports: readonly string[]): Promise<Map<string, PortState>> {
    if (!this.capabilities.saveSeparate) return this.readPorts(ports)
    return this.#states(ports, await this.#transport.read('startup'))
  }

  async readVlans(): Promise<{ vlan: number; description: string | null }[]> {
    return [...((await this.#running()).vlans ?? [])]
  }

  async readFdb(port: string): Promise<{ mac: string; vlan: number }[]> {
    const table = await this.readMacTable()
    return table.filter((one) => one.port === port).map(({ mac, vlan }) => ({ mac, vlan }))
  }

  async readMacTable(): Promise<LearnedMac[]> {
    const what = 'list the MAC addresses that it has learned'
    if (this.#transport.macTable === undefined)
      throw refused(this.address, what, 'Ferrule does not read them over this protocol')
    const tree = await this.#transport.macTable()
    if (tree === undefined) throw refused(this.address, what, 'it has no MAC table')
    return this.#understood(() => parseMacTable(tree))
  }

  async readAnnouncements(): Promise<Announcement[]> {
    const tree = await this.#transport.lldpInterfaces()
    if (tree === undefined)
      throw refused(this.address, 'list its LLDP neighbours', 'it has no openconfig-lldp')
    return this.#understood(() => parseAnnouncements(tree))
  }

  plan(
    current: ReadonlyMap<string, PortState>,
    wanted: ReadonlyMap<string, PortState>,
    vlansPresent: ReadonlySet<number>,
  ): SwitchChange[] {
    const { dialect } = this.#transport.traits
    return this.#planned.plan(current, wanted, {
      dialect,
      vlansPresent: this.#makesVlans ? vlansPresent : null,
    })
  }

  async apply(lease: SwitchLease, changes: readonly SwitchChange[]): Promise<void> {
    try {
      await this.#transport.write(lease, this.#planned.take(changes))
    } finally {
      this.#reading.forget()
    }
  }

  save(lease: SwitchLease): Promise<void> {
    return this.#transport.save(lease)
  }

  async close(): Promise<void> {
    this.#transport.close()
  }

  #states(ports: readonly string[], snapshot: Snapshot): Map<string, PortState> {
    return new Map(
      ports.map((port) => {
        const config = snapshot.ports.get(port)
        const aggregate = snapshot.members.get(port)
        if (!config || aggregate !== undefined) throw this.#noSuchPort(port, aggregate)
        if (snapshot.routed?.has(port)) throw refused(this.address, `VLANs of ${port}`, 'it is a routed port')
        const state = portState(config, this.#transport.traits.dialect)
        this.#planned.read(state, config)
        return [port, state] as const
      }),
    )
  }

  #understood<T>(parse: () => T): T {
    try {
      return parse()
    } catch (error) {
      throw notUnderstood(this.address, error instanceof Error ? error.message : String(error))
    }
  }

  async #running(): Promise<Snapshot> {
    const snapshot = await this.#reading.get()
    this.#makesVlans = snapshot.vlans !== null
    return snapshot
  }

  #noSuchPort(port: string, aggregate: string | undefined): FerruleError {
    return new FerruleError(
      'not-found',
      aggregate === undefined
        ? `Switch ${this.address} has no Ethernet interface ${port}`
        : `Interface ${port} of switch ${this.address} belongs to the aggregate ${aggregate}, which has its VLANs`,
      aggregate === undefined
        ? 'Correct the port in the rack file; names are compared with their case.'
        : `Take ${port} out of ${aggregate}: Ferrule does not drive aggregates.`,
      { address: this.address, port },
    )
  }
}
