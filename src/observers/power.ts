import type { BreakerState } from '../domain/power-breaker.ts'
import { afterFailure, breakerState } from '../domain/power-breaker.ts'
import { RateCap, subnetOf } from '../domain/power-rate.ts'
import { type PowerRules, powerRules } from '../domain/power-rules.ts'
import { DueQueue, nextLook } from '../domain/power-schedule.ts'
import type { Services } from '../services/context.ts'
import type { LookTarget } from '../store/power-watch.ts'
import { lookTargets, worthAnotherTry } from '../store/power-watch.ts'
import type { Log } from '../telemetry/log.ts'
import { attend } from './power-consequences.ts'
import { look, resultOf } from './power-look.ts'
import type { PowerMeters, WatchState } from './power-meters.ts'
import { type Result, recordResults } from './power-record.ts'
import type { Watched } from './power-roll.ts'
import { PowerRoll } from './power-roll.ts'
import { Turns } from './turns.ts'

export interface PowerObserverOptions {
  /** Between two looks at one host. Milliseconds. */
  everyMs: number
  /** Looks at once. */
  concurrency: number
  /** Looks per second in one subnet. */
  perSubnet: number
  /** Keep the session with each BMC from one look to the next. */
  keepSessions: boolean
  meters: PowerMeters
  log: Log
}

/** How long to wait for looks under way when stopping. */
const GRACE_MS = 2_000
/** Each turn is two statements, however many looks it records and begins. Longer, and so many begin at once that their garbage outlives them. */
const PAUSE_MS = 500
/** In a fleet that has more looks due than may be under way, places that become free are taken soon. */
const FULL_PAUSE_MS = 100

/**
 * A17, B9: looks at every host's power once per interval, spread evenly over it. Three values with age; a BMC that does
 * not answer makes `unknown`, never off. Hosts under an operation are left to it, and a look that began before an action
 * never overwrites that action's outcome. Whatever it does about what it sees goes through ordinary operations.
 */
export class PowerObserver {
  readonly #services: Services
  readonly #options: PowerObserverOptions
  readonly #rules: PowerRules
  readonly #roll: PowerRoll
  readonly #queue = new DueQueue()
  readonly #cap: RateCap
  /** The newest of each host, until it is recorded. */
  #results = new Map<string, Result>()
  #inFlight = 0
  /** The last turn left somebody's for the next one, as many looks as may be were under way. */
  #full = false
  readonly #turns: Turns
  #retriedAt = Number.NEGATIVE_INFINITY

  constructor(services: Services, options: PowerObserverOptions) {
    const { everyMs } = options
    this.#services = services
    this.#options = options
    this.#rules = powerRules(everyMs)
    this.#roll = new PowerRoll(services.tools, { everyMs, leaseMs: services.settings.replicaLeaseMs })
    this.#cap = new RateCap(options.perSubnet)
    options.meters.watch(() => this.#state())
    const pauseMs = Math.min(PAUSE_MS, Math.max(10, everyMs / 20))
    this.#turns = new Turns({
      pauseMs: () => (this.#full ? Math.min(FULL_PAUSE_MS, pauseMs) : pauseMs),
      turn: () => this.#turn(),
      what: 'observing power',
      log: options.log,
    })
  }

  start(): void {
    this.#turns.start()
  }

  async stop(): Promise<void> {
    await this.#turns.stop()
    const until = performance.now() + GRACE_MS
    while (this.#inFlight > 0 && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 10))
  }

  async #turn(): Promise<void> {
    await this.#record()
    await this.#refresh()
    await this.#begin(this.#due())
  }

  async #refresh(): Promise<void> {
    const { db, now } = this.#services.tools
    const { added, removed } = await this.#roll.refresh()
    for (const { id } of removed) this.#queue.delete(id)
    for (const host of added) this.#queue.set(host.id, host.breaker?.until ?? this.#next(host))
    if (now() - this.#retriedAt < this.#rules.gapMs) return
    this.#retriedAt = now()
    const ids = [...this.#roll.hosts.values()]
      .filter((host) => this.#waitsRefused(host))
      .map((host) => host.id)
    if (ids.length === 0) return
    for (const id of await worthAnotherTry(db, ids)) this.#queue.set(id, now())
  }

  /** A refusal that is not in the record yet would look there like one that is over. */
  #waitsRefused(host: Watched): boolean {
    return breakerState(host.breaker) === 'refused' && !host.busy && !this.#results.has(host.id)
  }

  /** Whose turn it is, as far as there is room and their subnets may be asked. */
  #due(): Watched[] {
    const now = this.#services.tools.now()
    const due: Watched[] = []
    this.#full = true
    while (this.#inFlight + due.length < this.#options.concurrency) {
      const id = this.#queue.take(now)
      if (id === undefined) {
        this.#full = false
        break
      }
      const host = this.#roll.hosts.get(id)
      if (!host || host.busy) continue
      const wait = this.#cap.wait(host.subnet, now)
      if (wait > 0) this.#queue.set(id, now + wait)
      else due.push(host)
    }
    return due
  }

  async #begin(due: readonly Watched[]): Promise<void> {
    if (due.length === 0) return
    const { tools } = this.#services
    const targets = await lookTargets(
      tools.db,
      due.map((host) => host.id),
    ).catch((error: unknown) => {
      for (const host of due) this.#queue.set(host.id, tools.now() + this.#rules.gapMs)
      throw error
    })
    const byId = new Map(targets.map((target) => [target.id, target]))
    for (const host of due) {
      const target = byId.get(host.id)
      if (!target) this.#roll.drop(host.id)
      else if (target.held || this.#isFresh(target)) this.#queue.set(host.id, this.#next(host))
      else void this.#look(host, target)
    }
  }

  /** Read a moment ago by an operation or another replica: BMCs want some time between two logins. */
  #isFresh({ age }: LookTarget): boolean {
    return age !== null && age < this.#rules.gapMs
  }

  async #look(host: Watched, target: LookTarget): Promise<void> {
    const { tools } = this.#services
    const begun = performance.now()
    host.busy = true
    host.subnet = subnetOf(target.bmcAddress)
    this.#inFlight += 1
    const seen = await look(tools, host, target, this.#options.keepSessions)
    this.#inFlight -= 1
    host.busy = false
    const at = performance.now()
    if (seen.kind === 'seen') {
      host.breaker = null
      this.#results.set(host.id, { target, at, state: seen.state })
    } else if (seen.kind === 'failed') {
      const { failure } = seen
      const chance = (this.#services.random(1)[0] ?? 0) / 256
      host.breaker = afterFailure(
        host.breaker,
        failure,
        target.credentials,
        this.#rules.breaker,
        tools.now(),
        chance,
      )
      this.#results.set(host.id, { target, at, failure, breaker: host.breaker })
    }
    if (seen.kind !== 'void') this.#options.meters.looked(resultOf(seen), (at - begun) / 1000)
    if (this.#roll.hosts.has(host.id)) this.#queue.set(host.id, host.breaker?.until ?? this.#next(host))
  }

  #next({ phase }: Watched): number {
    return nextLook(phase, this.#options.everyMs, this.#services.tools.now())
  }

  async #record(): Promise<void> {
    const results = [...this.#results.values()]
    if (results.length === 0) return
    this.#results = new Map()
    const { db, now } = this.#services.tools
    const recorded = await recordResults(db, results, now()).catch((error: unknown) => {
      // a newer one may have come in meanwhile
      this.#results = new Map([...results.map((one) => [one.target.id, one] as const), ...this.#results])
      throw error
    })
    for (const one of recorded) await attend(this.#services, one, this.#rules.enforce)
  }

  #state(): WatchState {
    const breakers: Record<BreakerState, number> = { closed: 0, open: 0, refused: 0 }
    for (const host of this.#roll.hosts.values()) breakers[breakerState(host.breaker)] += 1
    return { breakers, inFlight: this.#inFlight }
  }
}
