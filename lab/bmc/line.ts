import type { Chance } from '../world/types.ts'
import type { Reply } from './bmc.ts'
import { CHASSIS_CONTROL } from './commands-chassis.ts'
import type { BmcDials } from './dials.ts'
import { NETFN } from './message.ts'
import { isAuthenticated } from './packet.ts'

/** A packet that waits to be overtaken goes on alone after this. */
const OVERTAKEN_WITHIN_MS = 100

/** The network between a BMC and its consoles, with the faults that the dials say. */
export class FaultyLine<Peer> {
  private readonly send: (bytes: Buffer, to: Peer) => void
  private readonly dials: BmcDials
  private readonly chance: Chance
  private readonly timers = new Set<NodeJS.Timeout>()
  private held: { bytes: Buffer; to: Peer; timer: NodeJS.Timeout } | null = null

  constructor(send: (bytes: Buffer, to: Peer) => void, dials: BmcDials, chance: Chance) {
    this.send = send
    this.dials = dials
    this.chance = chance
  }

  /** Does a packet of a console arrive? */
  arrives(): boolean {
    return !this.dials.unreachable && !this.happens(this.dials.loss)
  }

  /** Sends a packet of the BMC, or what the faults leave of it. */
  deliver(reply: Reply, to: Peer): void {
    if (this.dials.unreachable || this.isDropped(reply) || this.happens(this.dials.loss)) return
    const bytes = this.spoilt(reply.bytes)
    if (this.dials.delayMs === 0) this.emit(bytes, to)
    else this.later(this.dials.delayMs, () => this.emit(bytes, to))
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer)
    this.timers.clear()
    this.held = null
  }

  private emit(bytes: Buffer, to: Peer): void {
    if (this.held === null && this.happens(this.dials.reorder)) {
      const timer = this.later(OVERTAKEN_WITHIN_MS, () => this.release())
      this.held = { bytes, to, timer }
      return
    }
    this.send(bytes, to)
    if (this.happens(this.dials.duplicate)) this.send(bytes, to)
    this.release()
  }

  private release(): void {
    const { held } = this
    this.held = null
    if (held === null) return
    clearTimeout(held.timer)
    this.timers.delete(held.timer)
    this.send(held.bytes, held.to)
  }

  /** Counts the dials down. */
  private isDropped({ request }: Reply): boolean {
    const { dials } = this
    const power = request?.netFn === NETFN.chassis && request.command === CHASSIS_CONTROL
    if (power && dials.dropPowerReplies > 0) {
      dials.dropPowerReplies -= 1
      return true
    }
    if (dials.dropNextReplies <= 0) return false
    dials.dropNextReplies -= 1
    return true
  }

  private spoilt(bytes: Buffer): Buffer {
    if (this.dials.wrongIcv <= 0 || !isAuthenticated(bytes)) return bytes
    this.dials.wrongIcv -= 1
    const other = Buffer.from(bytes)
    other[other.length - 1] = (other[other.length - 1] ?? 0) ^ 0xff
    return other
  }

  private happens(share: number): boolean {
    return share > 0 && this.chance.next() < share
  }

  private later(ms: number, act: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      act()
    }, ms)
    this.timers.add(timer)
    return timer
  }
}
