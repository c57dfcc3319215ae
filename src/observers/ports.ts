import { setTimeout as pause } from 'node:timers/promises'
import type { PortDrift } from '../domain/port-drift.ts'
import { type EnforceRules, mayEnforce } from '../domain/power-policy.ts'
import { watcherOf } from '../domain/power-shard.ts'
import type { Services } from '../services/context.ts'
import { healDrift, portDriftCaller } from '../services/heal.ts'
import { enforcements } from '../store/power-watch.ts'
import { listSwitches, type SwitchRow } from '../store/racks.ts'
import { createReplicas } from '../store/replicas.ts'
import { forgetWatch, forgetWatchesOf, recordWatch } from '../store/switch-watches.ts'
import type { Log } from '../telemetry/log.ts'
import { PortPushes } from './port-pushes.ts'
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

/** Changes come in company: what follows the first this soon is seen by the same look. */
const SETTLE_MS = 200

/** A switch that tells changes without end is looked at no more often than this. */
const APART_MS = 1_000

/**
 * B6: looks at every switch's ports once per interval, running and saved, and soon after the switch has told of a change,
 * where it can. An operation that writes the switch always goes first, and hosts under an operation are left to it. What
 * is put right is put right by an ordinary heal.
 */
export class PortObserver {
  readonly #services: Services
  readonly #options: PortObserverOptions
  /** Those that are this replica's, by id, as of the last turn. */
  #ours: ReadonlyMap<string, SwitchRow> = new Map()
  /** By switch: when it is looked at next. */
  readonly #due = new Map<string, number>()
  /** By switch: when the last look began. */
  readonly #begun = new Map<string, number>()
  readonly #looking = new Map<string, Promise<void>>()
  readonly #pushes: PortPushes
  readonly #turns: Turns
  #isFirstTurn = true

  constructor(services: Services, options: PortObserverOptions) {
    this.#services = services
    this.#options = options
    const { random, log } = options
    this.#pushes = new PortPushes({
      ...{ tools: services.tools, random, log },
      pause: (ms, signal) => pause(ms, undefined, { signal, ref: false }).catch(() => undefined),
      changed: (id) => this.#soon(id, SETTLE_MS),
      record: (id, now) => {
        const { db, executor } = services.tools
        return now === null ? forgetWatch(db, id, executor) : recordWatch(db, id, { executor, ...now })
      },
    })
    this.#turns = new Turns({
      pauseMs: () => Math.min(2_000, Math.max(25, options.everyMs / 10)),
      turn: () => this.#turn(),
      what: 'observing ports',
      log,
    })
  }

  start(): void {
    this.#turns.start()
  }

  async stop(): Promise<void> {
    await Promise.all([this.#turns.stop(), this.#pushes.stop()])
    await Promise.all(this.#looking.values())
  }

  async #turn(): Promise<void> {
    if (this.#isFirstTurn) {
      const { db, executor } = this.#services.tools
      await forgetWatchesOf(db, executor)
      this.#isFirstTurn = false
    }
    this.#ours = await this.#watched()
    for (const known of [this.#due, this.#begun])
      for (const id of known.keys()) if (!this.#ours.has(id)) known.delete(id)
    const now = this.#services.tools.now()
    const { everyMs, random } = this.#options
    // not all at once, after a start of this replica or the apply of a rack
    for (const id of this.#ours.keys()) if (!this.#due.has(id)) this.#due.set(id, now + random() * everyMs)
    if (!this.#turns.stopped) this.#pushes.keep([...this.#ours.values()])
    this.#beginDue()
  }

  /** Each switch is one replica's; what another one has looked at meanwhile is new again when it comes back. */
  async #watched(): Promise<Map<string, SwitchRow>> {
    const { db, executor } = this.#services.tools
    const [rows, live] = await Promise.all([
      listSwitches(db),
      createReplicas(db).live(this.#services.settings.replicaLeaseMs),
    ])
    return new Map(rows.filter(({ id }) => watcherOf(id, live) === executor).map((row) => [row.id, row]))
  }

  /** Looks at a switch in so many milliseconds, unless it would have been looked at sooner. */
  #soon(id: string, ms: number): void {
    const now = this.#services.tools.now()
    const at = Math.max(now + ms, (this.#begun.get(id) ?? 0) + APART_MS)
    if ((this.#due.get(id) ?? 0) <= at) return
    this.#due.set(id, at)
    // a timer may be a moment early
    setTimeout(() => this.#beginDue(), at - now + 1).unref()
  }

  #beginDue(): void {
    if (this.#turns.stopped) return
    const now = this.#services.tools.now()
    for (const row of this.#ours.values()) {
      if (this.#looking.size >= AT_ONCE) return
      if ((this.#due.get(row.id) ?? now) <= now && !this.#looking.has(row.id)) this.#begin(row, now)
    }
  }

  #begin(row: SwitchRow, now: number): void {
    const { everyMs, random } = this.#options
    this.#begun.set(row.id, now)
    // a tenth earlier or later, so that switches do not fall into step
    this.#due.set(row.id, now + everyMs * (0.9 + 0.2 * random()))
    const look = this.#look(row)
      .catch((error: unknown) => this.#turns.complain(error))
      .finally(() => {
        this.#looking.delete(row.id)
        this.#beginDue()
      })
    this.#looking.set(row.id, look)
  }

  async #look({ id, address }: SwitchRow): Promise<void> {
    const drift = await lookAtPorts(this.#services, id)
    // what was told meanwhile may be not of the operation
    if (drift === 'written') this.#soon(id, APART_MS)
    if (typeof drift === 'string' || this.#options.policy(address) === 'report' || this.#turns.stopped) return
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
