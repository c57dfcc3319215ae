import { setTimeout as sleep } from 'node:timers/promises'
import { FerruleError } from '../../../domain/errors.ts'
import type { SwitchLease } from '../../../domain/lease.ts'
import { CommonReading } from '../common-reading.ts'
import { HttpSwitchClient } from '../https/client.ts'
import { type HttpFamily, httpTarget, targetFaults } from '../https/target.ts'
import { samePort } from '../port-state.ts'
import { PortsMoved } from '../ports-moved.ts'
import { savedStates } from '../switchport/config-text.ts'
import { planSwitchports } from '../switchport/plan.ts'
import { PlannedMoves } from '../switchport/planned.ts'
import { type PortNaming, switchportName } from '../switchport/port-name.ts'
import type {
  Announcement,
  LearnedMac,
  PortState,
  SwitchCapabilities,
  SwitchChange,
  SwitchDevice,
  SwitchDriver,
  SwitchEndpoint,
  SwitchTimeouts,
} from '../types.ts'
import { NxCli } from './cli.ts'
import { lookAt, portOf, readAnnouncements, readMacs, readVlans } from './look.ts'

const family: HttpFamily = { httpsPort: 443, httpPort: 80 }

const naming: PortNaming = {
  family: 'a Nexus switch',
  ethernet: 'Ethernet',
  portChannel: 'port-channel',
  example: 'Ethernet1/3, Eth101/1/3, port-channel10',
}

/** Cisco NX-OS, over NX-API's CLI. */
export const nxapi: SwitchDriver = {
  type: 'NX-API',
  canonicalPort: (port) => switchportName(port, naming),
  endpointFaults: (endpoint) => targetFaults(endpoint, family),
  open: (endpoint, timeouts) => new NxapiSwitch(endpoint, timeouts),
}

const capabilities: SwitchCapabilities = {
  // A refused line takes the whole request back, but the lines come into force one by one.
  transaction: 'none',
  saveSeparate: true,
  nativelessTrunk: true,
  fdb: true,
}

/** Three seconds, with the usual 30 s for a request: longer than a line takes. */
const QUIET_SHARE = 10
const QUIET_LOOKS = 20

/**
 * Limits: a port inside a port-channel is not followed to it; `copy running-config startup-config` saves everything,
 * other people's unsaved edits too; NX-OS can compare and write in one no more than a person at its command line.
 */
class NxapiSwitch implements SwitchDevice {
  readonly address: string
  readonly capabilities = capabilities
  readonly #http: HttpSwitchClient
  readonly #cli: NxCli
  readonly #planned = new PlannedMoves()
  readonly #reading = new CommonReading(() => lookAt(this.#cli))

  constructor(endpoint: SwitchEndpoint, timeouts?: Partial<SwitchTimeouts>) {
    this.address = endpoint.address
    this.#http = new HttpSwitchClient(httpTarget(endpoint, family), endpoint, timeouts)
    this.#cli = new NxCli(this.#http)
  }

  canonicalPort(port: string): string {
    return switchportName(port, naming)
  }

  async readPorts(ports: readonly string[]): Promise<Map<string, PortState>> {
    const look = await this.#reading.get()
    return new Map(ports.map((port) => [port, portOf(this.address, look, port)] as const))
  }

  async readSavedPorts(ports: readonly string[]): Promise<Map<string, PortState>> {
    return savedStates(this.address, await this.#cli.text('show startup-config'), ports)
  }

  readVlans(): Promise<{ vlan: number; description: string | null }[]> {
    return readVlans(this.#cli)
  }

  async readFdb(port: string): Promise<{ mac: string; vlan: number }[]> {
    return (await readMacs(this.#cli, port)).map(({ mac, vlan }) => ({ mac, vlan }))
  }

  readMacTable(): Promise<LearnedMac[]> {
    return readMacs(this.#cli, null)
  }

  readAnnouncements(): Promise<Announcement[]> {
    return readAnnouncements(this.#cli)
  }

  plan(
    current: ReadonlyMap<string, PortState>,
    wanted: ReadonlyMap<string, PortState>,
    vlansPresent: ReadonlySet<number>,
  ): SwitchChange[] {
    return this.#planned.remember(planSwitchports(current, wanted, vlansPresent), current, wanted)
  }

  /** The order of the lines holds only from the state that they were planned from, so that state is looked at again. */
  async apply(lease: SwitchLease, changes: readonly SwitchChange[]): Promise<void> {
    if (changes.length === 0) return
    const look = await lookAt(this.#cli)
    const moved = [...this.#planned.take(changes)].filter(
      ([port, { before }]) => !samePort(portOf(this.address, look, port), before),
    )
    if (moved.length > 0)
      throw new PortsMoved(
        this.address,
        moved.map(([port]) => port),
      )
    const lines = changes.flatMap((change) => change.lines.map((line) => line.trim()))
    try {
      await lease.check()
      await this.#cli.configure(lines, lease.signal)
    } catch (error) {
      if (error instanceof FerruleError && error.code === 'switch-unreachable') await this.#quiet()
      throw error
    } finally {
      this.#reading.forget()
    }
  }

  async save(lease: SwitchLease): Promise<void> {
    await lease.check()
    await this.#cli.text('copy running-config startup-config', lease.signal)
  }

  async close(): Promise<void> {
    this.#http.close()
  }

  /**
   * After a lost answer the switch may still be working on the lines, and a look in the middle is no outcome: it is looked
   * at until two looks see the same. If it cannot be looked at, the read-back of the engine says so.
   */
  async #quiet(): Promise<void> {
    const pause = this.#http.timeouts.requestMs / QUIET_SHARE
    try {
      let last = ''
      for (let look = 0; look < QUIET_LOOKS; look += 1) {
        const seen = JSON.stringify([[...(await lookAt(this.#cli))], await readVlans(this.#cli)])
        if (seen === last) return
        last = seen
        await sleep(pause)
      }
    } catch (error) {
      if (!(error instanceof FerruleError)) throw error
    }
  }
}
