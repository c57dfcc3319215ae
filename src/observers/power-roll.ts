import type { Breaker } from '../domain/power-breaker.ts'
import { subnetOf } from '../domain/power-rate.ts'
import { phaseOf } from '../domain/power-schedule.ts'
import { watcherOf } from '../domain/power-shard.ts'
import type { Services } from '../services/context.ts'
import type { WatchedHost } from '../store/power-watch.ts'
import { watchedHosts } from '../store/power-watch.ts'
import { createReplicas } from '../store/replicas.ts'

type Tools = Services['tools']
type Bmc = Awaited<ReturnType<Tools['bmc']>>

/** A host that this replica watches. */
export interface Watched {
  id: string
  subnet: string
  /** Milliseconds within the interval at which its turn is. */
  phase: number
  breaker: Breaker | null
  /** A look at it is under way. */
  busy: boolean
  /** Its opened BMC, and what stands for the credentials that it was opened with. */
  opened: { credentials: string; bmc: Bmc } | null
}

export interface RollChange {
  added: Watched[]
  removed: Watched[]
}

/**
 * Which hosts this replica watches: its share of all, worked out anew whenever a replica comes or goes. Between two looks
 * at the list of replicas, two may watch one host for a moment; the later of the two sees the other's reading and leaves
 * the BMC alone.
 */
export class PowerRoll {
  readonly hosts = new Map<string, Watched>()
  readonly #tools: Tools
  readonly #everyMs: number
  readonly #leaseMs: number
  #replicas = ''
  #readAt = Number.NEGATIVE_INFINITY
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(tools: Tools, options: { everyMs: number; leaseMs: number }) {
    this.#tools = tools
    this.#everyMs = options.everyMs
    this.#leaseMs = options.leaseMs
  }

  /** Cheap when nothing is due: new hosts are looked for often, all are read anew when replicas change, or after a while. */
  async refresh(): Promise<RollChange> {
    const { db, now } = this.#tools
    const lookEvery = Math.min(this.#leaseMs / 2, this.#everyMs / 6)
    if (now() - this.#lookedAt < lookEvery) return { added: [], removed: [] }
    const live = await createReplicas(db).live(this.#leaseMs)
    const replicas = [...live].sort().join(' ')
    const whole = replicas !== this.#replicas || now() - this.#readAt > this.#everyMs * 10
    // a transaction that began before the last look may have ended after it
    const added = whole ? null : now() - this.#lookedAt + 60_000
    const begun = now()
    const found = (await watchedHosts(db, added)).filter(
      (host) => watcherOf(host.id, live) === this.#tools.executor,
    )
    this.#lookedAt = begun
    if (whole) {
      this.#replicas = replicas
      this.#readAt = begun
    }
    return this.#take(found, whole)
  }

  drop(id: string): void {
    this.hosts.delete(id)
  }

  #take(found: readonly WatchedHost[], whole: boolean): RollChange {
    const change: RollChange = { added: [], removed: [] }
    if (whole) {
      const ours = new Set(found.map((host) => host.id))
      for (const [id, host] of this.hosts) {
        if (ours.has(id)) continue
        this.hosts.delete(id)
        change.removed.push(host)
      }
    }
    for (const host of found) {
      if (this.hosts.has(host.id)) continue
      const watched = this.#watch(host)
      this.hosts.set(host.id, watched)
      change.added.push(watched)
    }
    return change
  }

  /** What another replica, or we before a restart, found out about the BMC still holds. */
  #watch(host: WatchedHost): Watched {
    const { failures, nextLook, refused } = host
    const breaker: Breaker | null =
      failures === 0 ? null : { failures, refused, until: this.#tools.now() + (nextLook ?? 0) }
    return {
      id: host.id,
      subnet: subnetOf(host.bmcAddress),
      phase: phaseOf(host.id, this.#everyMs),
      breaker,
      busy: false,
      opened: null,
    }
  }
}
