import { setMaxListeners } from 'node:events'
import type { SwitchFabric, World } from '../world/types.ts'
import type { Dials } from './dials.ts'
import { initialState } from './initial-state.ts'
import type { MaasEvent, Node, State } from './model.ts'
import type { PowerDrivers } from './power-driver.ts'

/** A lab that runs for long forgets its oldest events; MAAS does not, but it has a database. */
const KEPT_EVENTS = 20_000

export interface RegionOptions {
  world: World
  powerDrivers: PowerDrivers
  /** For LLDP in commissioning results; without it no neighbours are seen. */
  fabric?: SwitchFabric
  dials: Dials
  adminUser: string
}

/** The region controller's memory and hands: what every part of the lab's MAAS works on. */
export class Region {
  state: State
  readonly world: World
  readonly powerDrivers: PowerDrivers
  readonly fabric: SwitchFabric | undefined
  readonly dials: Dials
  readonly adminUser: string
  /** System ids with a power action under way. */
  readonly powerBusy = new Set<string>()
  /** What a status's time-out does; set by whoever puts the region together. */
  onExpiry: (node: Node) => void = () => undefined
  readonly #stopping = new AbortController()
  readonly #work = new Set<Promise<void>>()

  constructor(options: RegionOptions) {
    // every machine that boots, installs or is wiped listens to it
    setMaxListeners(0, this.#stopping.signal)
    this.world = options.world
    this.powerDrivers = options.powerDrivers
    this.fabric = options.fabric
    this.dials = options.dials
    this.adminUser = options.adminUser
    this.state = initialState(options.world.clock.now())
  }

  /**
   * Real work, like a talk with a BMC: a clock without waiting must not jump to the next time-out meanwhile. Only the
   * world's own clock can be held.
   */
  async hold<T>(work: Promise<T>): Promise<T> {
    const { clock } = this.world
    return 'hold' in clock && typeof clock.hold === 'function' ? clock.hold(work) : work
  }

  now(): number {
    return this.world.clock.now()
  }

  nextId(kind: string): number {
    const id = (this.state.lastIds[kind] ?? 0) + 1
    this.state.lastIds[kind] = id
    return id
  }

  node(systemId: string): Node | undefined {
    return this.state.nodes.find((node) => node.systemId === systemId)
  }

  /** Events below INFO are kept, but are no status events. */
  event(node: Node, level: MaasEvent['level'], type: string, description = ''): void {
    this.state.events.push({
      id: this.nextId('event'),
      systemId: node.systemId,
      hostname: node.hostname,
      level,
      at: this.now(),
      type,
      description,
      username: 'unknown',
    })
    if (this.state.events.length > KEPT_EVENTS) this.state.events.shift()
    if (level === 'DEBUG' || level === 'AUDIT') return
    node.statusMessage = type
    node.statusAction = description
  }

  /** `limit`: virtual ms until the status fails by time-out; null: never. */
  setStatus(node: Node, status: number, limit: number | null = null): void {
    node.previousStatus = node.status
    node.status = status
    node.epoch += 1
    node.expires = limit === null ? null : this.now() + limit
    if (limit !== null) this.watchExpiry(node)
  }

  /** One watcher per entry into a monitored status; heartbeats move `expires`, a status change ends the watch. */
  watchExpiry(node: Node): void {
    const { epoch } = node
    this.background(async (signal) => {
      while (node.epoch === epoch && node.expires !== null) {
        const left = node.expires - this.now()
        if (left <= 0) return this.onExpiry(node)
        await this.world.clock.sleep(left, signal)
      }
    })
  }

  /** Restarts the current status's time-out. */
  heartbeat(node: Node, limit: number): void {
    if (node.expires !== null) node.expires = this.now() + limit
  }

  /**
   * A real script runs on the machine and pings MAAS all the while: no time-out then. Its real seconds would be hours
   * of a fast clock.
   */
  async withoutTimeout<T>(node: Node, work: Promise<T>): Promise<T> {
    const { epoch, expires } = node
    const began = this.now()
    node.expires = null
    try {
      return await work
    } finally {
      if (expires !== null && node.epoch === epoch) {
        node.expires = expires + this.now() - began
        this.watchExpiry(node)
      }
    }
  }

  nodeTimeout(): number {
    return Number(this.state.config.node_timeout) * 60_000
  }

  /** Work that nobody waits for; ends with the region. Its own errors are events by then, so they are dropped. */
  background(work: (signal: AbortSignal) => Promise<void>): void {
    const running = work(this.#stopping.signal)
      .catch(() => undefined)
      .finally(() => this.#work.delete(running))
    this.#work.add(running)
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the lab stops'))
    await Promise.all(this.#work)
  }
}
