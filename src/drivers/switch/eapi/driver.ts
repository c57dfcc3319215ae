import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SwitchLease } from '../../../domain/lease.ts'
import { CommonReading } from '../common-reading.ts'
import { HttpSwitchClient } from '../https/client.ts'
import { unreachable } from '../https/errors.ts'
import { type HttpFamily, httpTarget, targetFaults } from '../https/target.ts'
import { sections } from '../switchport/config-text.ts'
import { PlannedMoves } from '../switchport/planned.ts'
import { type PortNaming, switchportName } from '../switchport/port-name.ts'
import { eosFallback, preMadeLagIn } from '../switchport/pre-made-lag.ts'
import type {
  Announcement,
  LearnedMac,
  PortState,
  PreMadeLag,
  SwitchCapabilities,
  SwitchChange,
  SwitchDevice,
  SwitchDriver,
  SwitchEndpoint,
  SwitchLags,
  SwitchTimeouts,
} from '../types.ts'
import { channelMembers, channelName, savedMembers } from './channels.ts'
import { type Look, lookAt, readMacs, readVlans, statesOf, unconfirmed } from './look.ts'
import { readAnnouncements } from './neighbours.ts'
import { planEos } from './plan.ts'
import { EapiRpc } from './rpc.ts'
import { ConfigSession, SESSION_PREFIX } from './session.ts'

const family: HttpFamily = { httpsPort: 443, httpPort: 80 }

const naming: PortNaming = {
  family: 'an Arista switch',
  ethernet: 'Ethernet',
  portChannel: 'Port-Channel',
  example: 'Ethernet1, Et49/1, Port-Channel10',
}

/** Arista EOS, over its eAPI. */
export const eapi: SwitchDriver = {
  type: 'eAPI',
  createsLags: true,
  readsPreMadeLags: true,
  canonicalPort: (port) => switchportName(port, naming),
  endpointFaults: (endpoint) => targetFaults(endpoint, family),
  open: (endpoint, timeouts) => new EapiSwitch(endpoint, timeouts),
}

const capabilities: SwitchCapabilities = {
  transaction: 'confirmed',
  saveSeparate: true,
  nativelessTrunk: true,
  fdb: true,
}

/** Between two looks at a commit of ours that is not confirmed. */
const UNSETTLED_PAUSE_MS = 250

/**
 * Limits: a port in a static port-channel is not followed to it; VLANs of trunk groups pass a trunk beside its list and are
 * not seen; `write memory` saves everything, other people's unsaved edits too, because EOS knows no other save.
 */
class EapiSwitch implements SwitchDevice {
  readonly address: string
  readonly capabilities = capabilities
  readonly #http: HttpSwitchClient
  readonly #rpc: EapiRpc
  readonly #planned = new PlannedMoves()
  readonly #reading = new CommonReading(() => this.#settled())

  constructor(endpoint: SwitchEndpoint, timeouts?: Partial<SwitchTimeouts>) {
    this.address = endpoint.address
    this.#http = new HttpSwitchClient(httpTarget(endpoint, family), endpoint, timeouts)
    this.#rpc = new EapiRpc(this.#http)
  }

  canonicalPort(port: string): string {
    return switchportName(port, naming)
  }

  async readPorts(ports: readonly string[]): Promise<Map<string, PortState>> {
    return statesOf(this.#rpc, await this.#reading.get(), ports)
  }

  async readSavedPorts(ports: readonly string[]): Promise<Map<string, PortState>> {
    const [text = ''] = await this.#rpc.text(['show startup-config'])
    return savedMembers(this.address, text, ports)
  }

  readVlans(): Promise<{ vlan: number; description: string | null }[]> {
    return readVlans(this.#rpc)
  }

  async readFdb(port: string): Promise<{ mac: string; vlan: number }[]> {
    // what is heard on a member is learned on its LAG
    const lag = (await this.readPorts([port])).get(port)?.lag
    const at = lag === undefined ? port : channelName(lag)
    return (await readMacs(this.#rpc, at)).map(({ mac, vlan }) => ({ mac, vlan }))
  }

  readMacTable(): Promise<LearnedMac[]> {
    return readMacs(this.#rpc, null)
  }

  readAnnouncements(): Promise<Announcement[]> {
    return readAnnouncements(this.#rpc)
  }

  async readLags(): Promise<SwitchLags> {
    const [text = ''] = await this.#rpc.text(['show running-config'])
    return channelMembers(text)
  }

  async readPreMadeLag(lag: string): Promise<PreMadeLag | null> {
    const [text = ''] = await this.#rpc.text(['show running-config'])
    return preMadeLagIn(sections(text), lag, eosFallback)
  }

  plan(
    current: ReadonlyMap<string, PortState>,
    wanted: ReadonlyMap<string, PortState>,
    vlansPresent: ReadonlySet<number>,
    ownLags: SwitchLags,
  ): SwitchChange[] {
    return this.#planned.remember(planEos(current, wanted, vlansPresent, ownLags), current, wanted)
  }

  async apply(lease: SwitchLease, changes: readonly SwitchChange[]): Promise<void> {
    if (changes.length === 0) return
    const session = new ConfigSession(this.#rpc, lease, randomUUID().slice(0, 8))
    try {
      await session.run(
        changes.flatMap(({ lines }) => lines),
        this.#planned.take(changes),
      )
    } finally {
      this.#reading.forget()
    }
  }

  async save(lease: SwitchLease): Promise<void> {
    await lease.check()
    await this.#rpc.text(['write memory'], lease.signal)
  }

  async close(): Promise<void> {
    this.#http.close()
  }

  /**
   * A commit of ours that nobody has confirmed is no state: it is confirmed in a moment, or, when its process has died or
   * its answer was lost, taken back by the switch.
   */
  async #settled(): Promise<Look> {
    const looks = Math.ceil(this.#http.timeouts.requestMs / UNSETTLED_PAUSE_MS)
    for (let look = 0; look < looks; look += 1) {
      const seen = await lookAt(this.#rpc)
      if (!unconfirmed(seen).some((name) => name.startsWith(SESSION_PREFIX))) return seen
      await sleep(UNSETTLED_PAUSE_MS)
    }
    throw unreachable(this.address, 'a change that was not confirmed waits to be taken back by the switch')
  }
}
