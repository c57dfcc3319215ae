import type { PortDrift } from '../domain/port-drift.ts'
import { type EnforceRules, mayEnforce } from '../domain/power-policy.ts'
import { watcherOf } from '../domain/power-shard.ts'
import type { Services } from '../services/context.ts'
import { healDrift, portDriftCaller } from '../services/heal.ts'
import { enforcements } from '../store/power-watch.ts'
import { listSwitches, type SwitchRow } from '../store/racks.ts'
import { createReplicas } from '../store/replicas.ts'
import type { Log } from '../telemetry/log.ts'
import { lookAtPorts } from './ports-look.ts'
import { Turns } from './turns.ts'

export interface PortObserverOptions {
  /** Between two looks at one switch. Milliseconds. */
  everyMs: number
  /** By switch address. */
  policy(address: string): 'report' | 'heal'
  /** 0 up to 1. */
  random(): number
  log: Log
}

/** A look costs a switch one login and one or two commands; more at once would only load us. */
const AT_ONCE = 8

/**
 * B6: looks at every switch's ports once per interval, running and saved. An operation that writes the switch always
 * goes first, and hosts under an operation are left to it. What is put right is put right by an ordinary heal.
 */
export class PortObserver {
  readonly #services: Services
  readonly #options: PortObserverOptions
  /** By switch: when it is looked at next. */
  readonly #due = new Map<string, number>()
  readonly #looking = new Map<string, Promise<void>>()
  readonly #turns: Turns

  constructor(services: Services, options: PortObserverOptions) {
    this.#services = services
    this.#options = options
    this.#turns = new Turns({
      pauseMs: Math.min(10_000, Math.max(25, options.everyMs / 10)),
      turn: () => this.#turn(),
      what: 'observing ports',
      log: options.log,
    })
  }

  start(): void {
    this.#turns.start()
  }

  async stop(): Promise<void> {
    await this.#turns.stop()
    await Promise.all(this.#looking.values())
  }

  async #turn(): Promise<void> {
    const now = this.#services.tools.now()
    for (const row of await this.#ours()) {
      const due = this.#due.get(row.id)
      // not all at once, after a start of this replica or the apply of a rack
      if (due === undefined) this.#due.set(row.id, now + this.#options.random() * this.#options.everyMs)
      else if (due <= now && !this.#looking.has(row.id) && this.#looking.size < AT_ONCE) this.#begin(row)
    }
  }

  /** Each switch is one replica's; what another one has looked at meanwhile is new again when it comes back. */
  async #ours(): Promise<SwitchRow[]> {
    const { db, executor } = this.#services.tools
    const [rows, live] = await Promise.all([
      listSwitches(db),
      createReplicas(db).live(this.#services.settings.replicaLeaseMs),
    ])
    const ours = rows.filter(({ id }) => watcherOf(id, live) === executor)
    const ids = new Set(ours.map(({ id }) => id))
    for (const id of this.#due.keys()) if (!ids.has(id)) this.#due.delete(id)
    return ours
  }

  #begin(row: SwitchRow): void {
    const look = this.#look(row)
      .catch((error: unknown) => this.#turns.complain(error))
      .finally(() => this.#looking.delete(row.id))
    this.#looking.set(row.id, look)
  }

  async #look({ id, address }: SwitchRow): Promise<void> {
    const { everyMs, policy, random } = this.#options
    // a tenth earlier or later, so that switches do not fall into step
    this.#due.set(id, this.#services.tools.now() + everyMs * (0.9 + 0.2 * random()))
    const drift = await lookAtPorts(this.#services, id)
    if (drift === null || policy(address) === 'report' || this.#turns.stopped) return
    const hosts = new Map(drift.map((one) => [one.hostId, one]))
    for (const one of hosts.values()) await this.#heal(one)
  }

  async #heal({ hostId }: PortDrift): Promise<void> {
    const rules = healRules(this.#options.everyMs)
    const lately = { withinMs: this.#options.everyMs * 288, gapMs: rules.gapMs }
    const past = await enforcements(this.#services.tools.db, hostId, portDriftCaller.name, lately)
    if (mayEnforce(0, past, rules) === 'go') await healDrift(this.#services, hostId)
  }
}

/** Whoever changes a port again and again is left to a person: three times a day, at the usual five minutes. */
function healRules(everyMs: number): EnforceRules {
  return { patienceMs: 0, gapMs: everyMs * 2, limit: 3, everywhere: 10 }
}
