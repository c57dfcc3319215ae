import { FerruleError } from '../../../domain/errors.ts'
import type { SwitchLease } from '../../../domain/lease.ts'
import { CommonReading } from '../common-reading.ts'
import { HttpSwitchClient } from '../https/client.ts'
import { type HttpFamily, httpTarget, targetFaults } from '../https/target.ts'
import { PlannedMoves } from '../switchport/planned.ts'
import type {
  LearnedMac,
  PortState,
  SwitchCapabilities,
  SwitchChange,
  SwitchDevice,
  SwitchDriver,
  SwitchEndpoint,
  SwitchTimeouts,
} from '../types.ts'
import { NvueApi } from './api.ts'
import { lookAt, portOf, readMacs, readStartup } from './look.ts'
import { phases } from './phases.ts'
import { planPorts } from './plan.ts'
import { endOf, RevisionChange, saveApplied } from './revision.ts'

const family: HttpFamily = { httpsPort: 8765, httpPort: null }

/** NVIDIA Cumulus Linux, over the REST interface of NVUE. */
export const nvue: SwitchDriver = {
  type: 'NVUE',
  canonicalPort,
  endpointFaults: (endpoint) => targetFaults(endpoint, family),
  open: (endpoint, timeouts) => new NvueSwitch(endpoint, timeouts),
}

const capabilities: SwitchCapabilities = {
  // A revision is accepted or refused as a whole, but comes into force command by command.
  transaction: 'none',
  saveSeparate: true,
  nativelessTrunk: true,
  fdb: true,
}

/** @throws invalid-input. Names are those of Linux, in their case. */
function canonicalPort(name: string): string {
  const port = name.trim()
  if (/^[a-z][\w.-]{0,14}$/i.test(port)) return port
  throw new FerruleError(
    'invalid-input',
    `"${name}" is not a port name of a Cumulus switch`,
    'Write the name that `nv show interface` shows, in its case: swp1, swp49s0, bond1.',
    { port: name },
  )
}

/** Limits: bonds are not made; a member of a bond is refused; only the bridge br_default is known. */
class NvueSwitch implements SwitchDevice {
  readonly address: string
  readonly capabilities = capabilities
  readonly #http: HttpSwitchClient
  readonly #api: NvueApi
  readonly #planned = new PlannedMoves()
  readonly #reading = new CommonReading(() => this.#settled().then(() => lookAt(this.#api)))
  /** A revision that we asked to be applied and whose end we have not seen. */
  #applying: string | null = null

  constructor(endpoint: SwitchEndpoint, timeouts?: Partial<SwitchTimeouts>) {
    this.address = endpoint.address
    this.#http = new HttpSwitchClient(httpTarget(endpoint, family), endpoint, timeouts)
    this.#api = new NvueApi(this.#http)
  }

  canonicalPort(port: string): string {
    return canonicalPort(port)
  }

  async readPorts(ports: readonly string[]): Promise<Map<string, PortState>> {
    const look = await this.#reading.get()
    return new Map(ports.map((port) => [port, portOf(this.address, look, port)] as const))
  }

  async readSavedPorts(ports: readonly string[]): Promise<Map<string, PortState>> {
    await this.#settled()
    return readStartup(this.#api, ports)
  }

  async readVlans(): Promise<{ vlan: number; description: string | null }[]> {
    const { vlans } = await this.#reading.get()
    return vlans.map((vlan) => ({ vlan, description: null }))
  }

  async readFdb(port: string): Promise<{ mac: string; vlan: number }[]> {
    const table = await readMacs(this.#api)
    return table.filter((one) => one.port === port).map(({ mac, vlan }) => ({ mac, vlan }))
  }

  readMacTable(): Promise<LearnedMac[]> {
    return readMacs(this.#api)
  }

  plan(
    current: ReadonlyMap<string, PortState>,
    wanted: ReadonlyMap<string, PortState>,
    vlansPresent: ReadonlySet<number>,
  ): SwitchChange[] {
    return this.#planned.remember(planPorts(current, wanted, vlansPresent), current, wanted)
  }

  /** Each phase is looked at as the beginning of the next; the end of the last one is read back by the engine. */
  async apply(lease: SwitchLease, changes: readonly SwitchChange[]): Promise<void> {
    if (changes.length === 0) return
    try {
      for (const moves of phases(this.#planned.take(changes))) {
        await new RevisionChange(this.#api, lease, moves).run((id) => {
          this.#applying = id
        })
        this.#applying = null
      }
    } finally {
      this.#reading.forget()
    }
  }

  save(lease: SwitchLease): Promise<void> {
    return saveApplied(this.#api, lease)
  }

  async close(): Promise<void> {
    this.#http.close()
  }

  /** While a revision is being applied there is no state; of one whose answer was lost, this is how its end is learned. */
  async #settled(): Promise<void> {
    const id = this.#applying
    if (id === null) return
    await endOf(this.#api, id)
    if (this.#applying === id) this.#applying = null
  }
}
