import { FerruleError } from '../../../domain/errors.ts'
import type { SwitchLease } from '../../../domain/lease.ts'
import { CommonReading } from '../common-reading.ts'
import type {
  PortState,
  PreMadeLag,
  SwitchCapabilities,
  SwitchChange,
  SwitchDevice,
  SwitchDriver,
  SwitchEndpoint,
  SwitchTimeouts,
} from '../types.ts'
import { OvsdbClient } from './client.ts'
import { ovsdbTarget } from './endpoint.ts'
import { refused, unreachable } from './errors.ts'
import { PlannedPorts } from './plan.ts'
import { canonicalPort } from './ports.ts'
import { readPreMadeLag } from './pre-made-lag.ts'
import { readSnapshot, type Snapshot, stateKnown } from './snapshot.ts'
import { watchPorts } from './watch.ts'
import { inForce, writePorts } from './write.ts'

/** Open vSwitch, over the protocol of its configuration database (RFC 7047). */
export const ovsdb: SwitchDriver = {
  type: 'OVS',
  readsPreMadeLags: true,
  canonicalPort,
  endpointFaults: (endpoint) => {
    try {
      ovsdbTarget(endpoint)
      return []
    } catch (error) {
      if (error instanceof FerruleError) return [`${error.message}. ${error.remedy}`]
      throw error
    }
  },
  open: (endpoint, timeouts) => new OvsdbSwitch(endpoint, timeouts),
}

const capabilities: SwitchCapabilities = {
  transaction: 'atomic',
  // The database is on disk before it answers, and is what a reboot starts from.
  saveSeparate: false,
  nativelessTrunk: true,
  fdb: false,
  implicitVlans: true,
}

/** Another writer's change may come between a look and the next. */
const MAX_LOOKS = 5

/**
 * Limits: VLANs mean what they say only where the bridge forwards as a switch (`actions=NORMAL`): flows of an OpenFlow
 * controller pass them by. An interface that is down cannot be raised, nor one that is up be shut, through this database.
 */
class OvsdbSwitch implements SwitchDevice {
  readonly address: string
  readonly capabilities = capabilities
  readonly #client: OvsdbClient
  readonly #planned = new PlannedPorts()
  readonly #reading = new CommonReading(() => this.#settled())

  constructor(endpoint: SwitchEndpoint, timeouts?: Partial<SwitchTimeouts>) {
    this.#client = new OvsdbClient(ovsdbTarget(endpoint), timeouts)
    this.address = endpoint.address
  }

  canonicalPort(port: string): string {
    return canonicalPort(port)
  }

  async readPorts(ports: readonly string[]): Promise<Map<string, PortState>> {
    const snapshot = await this.#withStates(ports)
    return new Map(
      ports.map((name) => {
        const found = snapshot.ports.get(name)
        if (!found) throw this.#noSuchPort(name, snapshot)
        this.#planned.read(found.state, found.row)
        return [name, found.state] as const
      }),
    )
  }

  readSavedPorts(ports: readonly string[]): Promise<Map<string, PortState>> {
    return this.readPorts(ports)
  }

  /** VLANs need not be made in Open vSwitch; these are the ones that ports name. */
  async readVlans(): Promise<{ vlan: number; description: string | null }[]> {
    const { ports } = await this.#reading.get()
    const named = [...ports.values()].flatMap(({ row }) => [
      ...(row.tag === null ? [] : [row.tag]),
      ...row.trunks,
    ])
    return [...new Set(named)].map((vlan) => ({ vlan, description: null }))
  }

  async readFdb(port: string): Promise<{ mac: string; vlan: number }[]> {
    throw refused(this.address, `list MAC addresses of ${port}`, 'the database of Open vSwitch has none')
  }

  readPreMadeLag(lag: string): Promise<PreMadeLag | null> {
    return readPreMadeLag(this.#client, lag)
  }

  plan(current: ReadonlyMap<string, PortState>, wanted: ReadonlyMap<string, PortState>): SwitchChange[] {
    return this.#planned.plan(current, wanted)
  }

  async apply(lease: SwitchLease, changes: readonly SwitchChange[]): Promise<void> {
    const { updates, links } = this.#planned.take(changes)
    try {
      if (updates.length > 0) {
        const change = await writePorts(this.#client, lease, updates)
        await inForce(this.#client, change, lease.signal)
      }
    } finally {
      this.#reading.forget()
    }
    const [link] = links
    if (link === undefined) return
    throw new FerruleError(
      'switch-refused',
      `Switch ${this.address} cannot do "${link}" through its database`,
      'Do it on the switch itself (`ip link set PORT up`), or look why the interface has no state (`ovs-vsctl show`).',
      { address: this.address, lines: links },
    )
  }

  async save(): Promise<void> {}

  watch(changed: () => void, signal: AbortSignal): Promise<void> {
    return watchPorts(this.#client.target, this.#client.timeouts, changed, signal)
  }

  async close(): Promise<void> {
    this.#client.close()
  }

  async #withStates(ports: readonly string[]): Promise<Snapshot> {
    for (let tries = 0; tries < MAX_LOOKS; tries += 1) {
      const snapshot = await this.#reading.get()
      const port = ports.find((name) => snapshot.ports.get(name)?.unknown)
      const silent = port && snapshot.ports.get(port)?.unknown
      if (!silent) return snapshot
      await stateKnown(this.#client, silent, port)
    }
    throw unreachable(this.address, 'its ports come and go')
  }

  /** A state that is written but not in force yet is no state: a write whose answer was lost may have left one. */
  async #settled(): Promise<Snapshot> {
    for (let tries = 0; tries < MAX_LOOKS; tries += 1) {
      const snapshot = await readSnapshot(this.#client)
      if (snapshot.curCfg >= snapshot.nextCfg) return snapshot
      await inForce(this.#client, snapshot.nextCfg)
    }
    throw unreachable(this.address, 'others change it faster than it can be read')
  }

  #noSuchPort(port: string, { members }: Snapshot): FerruleError {
    const bond = members.get(port)
    return new FerruleError(
      'not-found',
      bond === undefined
        ? `Switch ${this.address} has no port ${port}`
        : `${port} of switch ${this.address} is an interface of the bond ${bond}, and no port`,
      bond === undefined
        ? 'Correct the port in the rack file (`ovs-vsctl list-ports BRIDGE`); names are compared with their case.'
        : `Name ${bond} in the rack file.`,
      { address: this.address, port },
    )
  }
}
