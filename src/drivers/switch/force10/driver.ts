import { FerruleError } from '../../../domain/errors.ts'
import type { SwitchLease } from '../../../domain/lease.ts'
import type {
  Announcement,
  LearnedMac,
  PortState,
  SwitchCapabilities,
  SwitchChange,
  SwitchDevice,
  SwitchDriver,
  SwitchEndpoint,
  SwitchLags,
  SwitchTimeouts,
} from '../types.ts'
import { cliPhases } from './batch.ts'
import { Force10Cli } from './cli.ts'
import {
  channelMembers,
  type Os9Config,
  parseConfig,
  parseMacTable,
  parseNeighbours,
  portState,
} from './parse.ts'
import { planOs9 } from './plan.ts'
import { canonicalPort, channelName } from './ports.ts'
import { unproven } from './proof.ts'
import { Force10Rest } from './rest.ts'

/** Dell Force10 with FTOS or OS9, over its REST API. */
export const force10: SwitchDriver = {
  type: 'Force10',
  createsLags: true,
  canonicalPort,
  open: (endpoint, timeouts) => new Force10Switch(endpoint, timeouts),
}

const capabilities: SwitchCapabilities = {
  transaction: 'none',
  saveSeparate: true,
  nativelessTrunk: true,
  fdb: true,
}

/**
 * Reads running-config and start-up config whole, one command each, with one parser: OS9 prints VLAN membership
 * under the VLANs, and per-port commands would cost a round trip for every port.
 * Limits: a port inside a port-channel without LACP is not followed to it (the switch refuses VLANs on a member); `write` saves
 * everything that is in the running-config, other people's unsaved edits too, because OS9 knows no other save.
 */
class Force10Switch implements SwitchDevice {
  readonly address: string
  readonly capabilities = capabilities
  readonly #rest: Force10Rest
  readonly #cli: Force10Cli
  #runningRead: Promise<Os9Config> | null = null
  /** A constant of the switch; known after the first read, which comes before every plan. */
  #defaultVlan: number | null = 1

  constructor(endpoint: SwitchEndpoint, timeouts?: Partial<SwitchTimeouts>) {
    this.#rest = new Force10Rest(endpoint, timeouts)
    this.#cli = new Force10Cli(this.#rest)
    this.address = endpoint.address
  }

  canonicalPort(port: string): string {
    return canonicalPort(port)
  }

  async readPorts(ports: readonly string[]): Promise<Map<string, PortState>> {
    const config = await this.#running()
    return new Map(
      ports.map((port) => {
        const name = canonicalPort(port)
        const state = portState(config, name)
        if (state === null) throw this.#noSuchPort(name)
        return [name, state] as const
      }),
    )
  }

  /** A port that the start-up configuration does not mention boots as OS9 makes it: shut down, in no VLAN. */
  async readSavedPorts(ports: readonly string[]): Promise<Map<string, PortState>> {
    const config = parseConfig(await this.#cli.show('startup-config'))
    const unborn: PortState = { mode: 'access', untagged: null, tagged: [], enabled: false, prepared: false }
    return new Map(
      ports.map((port) => {
        const name = canonicalPort(port)
        return [name, portState(config, name) ?? unborn] as const
      }),
    )
  }

  async readVlans(): Promise<{ vlan: number; description: string | null }[]> {
    const config = await this.#running()
    return [...config.vlans].map(([vlan, { description }]) => ({ vlan, description }))
  }

  async readLags(): Promise<SwitchLags> {
    return channelMembers(await this.#running())
  }

  async readFdb(port: string): Promise<{ mac: string; vlan: number }[]> {
    const own = canonicalPort(port)
    const channel = (await this.#running()).ports.get(own)?.channel ?? null
    const name = channel === null ? own : channelName(channel)
    const table = parseMacTable(await this.#cli.show(`mac-address-table interface ${name}`))
    return table.filter((one) => one.port === name).map(({ mac, vlan }) => ({ mac, vlan }))
  }

  async readMacTable(): Promise<LearnedMac[]> {
    return parseMacTable(await this.#cli.show('mac-address-table'))
  }

  async readAnnouncements(): Promise<Announcement[]> {
    return parseNeighbours(await this.#cli.show('lldp neighbors'))
  }

  plan(
    current: ReadonlyMap<string, PortState>,
    wanted: ReadonlyMap<string, PortState>,
    vlansPresent: ReadonlySet<number>,
    ownLags: SwitchLags,
  ): SwitchChange[] {
    return planOs9(current, wanted, { vlansPresent, ownLags, defaultVlan: this.#defaultVlan })
  }

  /** Between its phases it reads what the switch made of the last one; the last is read back by the engine. */
  async apply(lease: SwitchLease, changes: readonly SwitchChange[]): Promise<void> {
    const phases = cliPhases(changes)
    for (const [index, calls] of phases.entries()) {
      for (const call of calls) await this.#configure(lease, call)
      if (index < phases.length - 1) await this.#prove(calls)
    }
  }

  async save(lease: SwitchLease): Promise<void> {
    await lease.check()
    await this.#cli.exec('write', lease.signal)
  }

  async close(): Promise<void> {
    this.#rest.close()
  }

  async #configure(lease: SwitchLease, call: string): Promise<void> {
    await lease.check()
    try {
      await this.#cli.configure(call, lease.signal)
    } finally {
      // A read that began before this write must not be taken for the read-back.
      this.#runningRead = null
    }
  }

  async #prove(calls: readonly string[]): Promise<void> {
    const missing = unproven(calls, await this.#running())
    if (missing.length === 0) return
    throw new FerruleError(
      'switch-mismatch',
      `Switch ${this.address} accepted "${missing.join('", "')}", but its running configuration does not show it`,
      'Look at the port on the switch: somebody else may be writing it, or a feature of the port overrides it.',
      { address: this.address, lines: missing },
    )
  }

  /** Readers at the same moment share one answer; nothing is kept after it. */
  async #running(): Promise<Os9Config> {
    const read = this.#runningRead ?? this.#cli.show('running-config').then(parseConfig)
    this.#runningRead = read
    try {
      const config = await read
      this.#defaultVlan = config.defaultVlan
      return config
    } finally {
      if (this.#runningRead === read) this.#runningRead = null
    }
  }

  #noSuchPort(port: string): FerruleError {
    return new FerruleError(
      'not-found',
      `Switch ${this.address} has no port ${port}`,
      'Correct the port, or its interface type, in the rack file.',
      { address: this.address, port },
    )
  }
}
