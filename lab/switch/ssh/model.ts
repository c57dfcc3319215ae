import type { AnnouncedMac } from '../../announced-macs.ts'
import type { PortMembership } from '../../world/types.ts'
import { configFromPlain, type PlainConfig, plainConfig } from '../plain-config.ts'
import { PortWatch } from '../port-watch.ts'
import type { CliConfig, CliPort, Membership, TrunkRule } from './config.ts'
import { clonedConfig, countsFor, membershipOf } from './config.ts'
import type { CliDials, LineFault } from './dials.ts'
import { calmCli, nextFault } from './dials.ts'

/** The line is not obeyed; the dialect has its own way to say so. */
export class Refused extends Error {}

/** The connection is cut. */
export class Cut extends Error {}

/** One switch behind its command line: what runs, what is saved, and every membership there ever was. */
export class CliModel {
  readonly dials: CliDials = calmCli()
  /** Its forwarding table, of one port. */
  learned: (port: string) => readonly { mac: string; vlan: number }[]
  /** Whom it hears by LLDP. */
  announced: () => readonly AnnouncedMac[] = () => []
  readonly #watch = new PortWatch((port) => this.membership(port))
  readonly #rule: TrunkRule
  #running: CliConfig
  #startup: CliConfig | null
  /** Lines that were obeyed of a batch that is to stop in the middle. */
  #obeyed = 0

  constructor(config: CliConfig, rule: TrunkRule) {
    this.#rule = rule
    this.#running = clonedConfig(config)
    this.#startup = clonedConfig(config)
    for (const port of config.ports.keys())
      this.#watch.history.push({ port, membership: this.membership(port) })
    this.learned = (port) => {
      const { untagged } = this.membership(port)
      return untagged === null ? [] : [{ mac: '52:54:00:aa:bb:01', vlan: untagged }]
    }
  }

  /** Each membership that a port had, in its order, from the first. */
  get history(): readonly { port: string; membership: Membership }[] {
    return this.#watch.history
  }

  get running(): CliConfig {
    return this.#running
  }

  /** Null: nothing was ever saved. */
  get startup(): CliConfig | null {
    return this.#startup
  }

  membership(port: string): Membership {
    return membershipOf(this.#running, port, this.#rule)
  }

  /** With its link. */
  seen(port: string, config = this.#running): PortMembership {
    const isUp = (name: string | null) => name !== null && config.ports.get(name)?.shutdown === false
    return {
      enabled: isUp(port) && isUp(countsFor(config, port)),
      ...membershipOf(config, port, this.#rule),
    }
  }

  /** The port-channel of a member, or the port itself. */
  countsFor(port: string): string | null {
    return countsFor(this.#running, port)
  }

  savedMembership(port: string): PortMembership {
    return this.seen(port, this.#startup ?? this.#running)
  }

  /** Called with each port whose membership has changed. */
  onChange(listener: (port: string) => void): void {
    this.#watch.onChange(listener)
  }

  /** Called after every change of either configuration. */
  onEdit(listener: () => void): void {
    this.#watch.onEdit(listener)
  }

  /**
   * One line that changes something, with its fault.
   * @throws Refused, Cut, and what `edit` throws; then nothing has happened
   */
  line<T>(work: () => T): T | null {
    const fault = this.#middle() ?? nextFault(this.dials)
    if (fault === 'refuse') throw new Refused('busy')
    if (fault === 'drop-before') throw new Cut()
    if (fault === 'swallow') return null
    const result = work()
    if (fault === 'drop-after') throw new Cut()
    return result
  }

  change(edit: (config: CliConfig) => void): void {
    this.line(() => this.put(edit))
  }

  /** As `change`, without a fault: a commit has had its own. */
  put(edit: (config: CliConfig) => void): void {
    const next = clonedConfig(this.#running)
    edit(next)
    this.#replace(next)
  }

  putInto(name: string, vlan: number): void {
    this.put(({ ports }) => {
      const port = ports.get(name)
      if (!port) return
      port.mode = 'access'
      port.access = vlan
      // there a list beside it would be one of tagged VLANs
      if (this.#rule === 'access-beside-list') port.allowed.clear()
    })
  }

  save(): void {
    if (!this.dials.saveLies) this.#startup = clonedConfig(this.#running)
    this.#watch.edited()
  }

  /** Back with what was saved. */
  reboot(): void {
    if (this.#startup) this.#replace(clonedConfig(this.#startup))
  }

  forgetStartup(): void {
    this.#startup = null
  }

  snapshot(): unknown {
    return { running: plainConfig(this.#running), startup: this.#startup && plainConfig(this.#startup) }
  }

  restore(state: unknown): void {
    // what `snapshot` gave
    const { running, startup } = state as { running: PlainConfig; startup: PlainConfig | null }
    this.#startup = startup && fromPlain(startup)
    this.#replace(fromPlain(running))
  }

  /** The fault of a line in the middle of a batch, where one is due. */
  #middle(): LineFault | null {
    const { dials } = this
    if (dials.halfApply > 0 && this.#obeyed < dials.halfLines) {
      this.#obeyed += 1
      return null
    }
    this.#obeyed = 0
    if (dials.halfApply === 0) return null
    dials.halfApply -= 1
    return dials.halfRefuses ? 'refuse' : 'drop-before'
  }

  #replace(next: CliConfig): void {
    this.#watch.around(
      () => this.#running.ports.keys(),
      () => {
        this.#running = next
      },
    )
  }
}

function fromPlain(plain: PlainConfig): CliConfig {
  return configFromPlain<CliPort & { allowed: ReadonlySet<number> }, string | null>(plain)
}
