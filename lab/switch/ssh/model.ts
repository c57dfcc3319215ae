import type { CliConfig, Membership, TrunkRule } from './config.ts'
import { clonedConfig, membershipOf } from './config.ts'
import type { CliDials } from './dials.ts'
import { calm, nextFault } from './dials.ts'

/** The line is not obeyed; the dialect has its own way to say so. */
export class Refused extends Error {}

/** The connection is cut. */
export class Cut extends Error {}

/** One switch behind its command line: what runs, what is saved, and every membership there ever was. */
export class CliModel {
  readonly dials: CliDials = calm()
  /** Each membership that a port had, in its order, from the first. */
  readonly history: { port: string; membership: Membership }[] = []
  readonly #rule: TrunkRule
  #running: CliConfig
  #startup: CliConfig | null

  constructor(config: CliConfig, rule: TrunkRule) {
    this.#rule = rule
    this.#running = clonedConfig(config)
    this.#startup = clonedConfig(config)
    for (const port of config.ports.keys()) this.history.push({ port, membership: this.membership(port) })
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

  /**
   * One line that changes something, with its fault.
   * @throws Refused, Cut, and what `edit` throws; then nothing has happened
   */
  line<T>(work: () => T): T | null {
    const fault = nextFault(this.dials)
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

  save(): void {
    if (!this.dials.saveLies) this.#startup = clonedConfig(this.#running)
  }

  /** Back with what was saved. */
  reboot(): void {
    if (this.#startup) this.#replace(clonedConfig(this.#startup))
  }

  forgetStartup(): void {
    this.#startup = null
  }

  #replace(next: CliConfig): void {
    const before = new Map([...this.#running.ports.keys()].map((port) => [port, this.membership(port)]))
    this.#running = next
    for (const port of next.ports.keys()) {
      const membership = this.membership(port)
      if (JSON.stringify(before.get(port)) === JSON.stringify(membership)) continue
      this.history.push({ port, membership })
    }
  }
}
