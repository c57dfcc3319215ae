import { lookup } from 'node:dns/promises'
import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import type { BmcAddress } from './address.ts'
import { unreachable } from './errors.ts'
import type { Clock, IpmiSettings } from './options.ts'
import type { Line, Peer } from './sockets.ts'

/** One question to the BMC. */
export interface Exchange<T> {
  /** The packet of this transmission; 0 is the first. Each transmission may differ, as sequence numbers do. */
  packet(transmission: number): Buffer
  /** The answer, or undefined if the packet is not it: then the wait goes on. */
  accept(packet: Buffer): T | undefined
  budgetMs: number
  /** First wait before a retransmit, doubling; undefined sends once only. */
  retransmitMs: number | undefined
  /** Ends the wait at once, with its reason. */
  signal?: AbortSignal | undefined
}

/** A way to one BMC; what others send never comes out of it. One exchange at a time. */
export class Transport {
  readonly #line: Line
  readonly #clock: Clock
  #pending: { take(packet: Buffer): void; readonly over: boolean } | undefined
  #idle: ((packet: Buffer) => void) | undefined

  private constructor(peer: Peer, { sockets, clock }: IpmiSettings) {
    this.#clock = clock
    this.#line = sockets.open(peer, (packet) => this.#receive(packet))
  }

  /** At once for an address. A name is looked up first; throws bmc-unreachable if it does not resolve. */
  static connect(address: BmcAddress, settings: IpmiSettings): Transport | Promise<Transport> {
    const peer = literalPeer(address)
    if (peer !== undefined) return new Transport(peer, settings)
    return resolvedPeer(address).then((resolved) => new Transport(resolved, settings))
  }

  /** Who hears packets that come while no exchange is under way: a console speaks unasked. */
  onIdle(listener: (packet: Buffer) => void): void {
    this.#idle = listener
  }

  send(packet: Buffer): void {
    this.#line.send(packet)
  }

  /** The answer, or undefined when the budget ended without one. Rejects only when `signal` is aborted. */
  exchange<T>(exchange: Exchange<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const pending = new Pending(exchange, this.#line, this.#clock, resolve, reject)
      this.#pending = pending
      pending.begin()
    })
  }

  close(): void {
    this.#line.close()
  }

  #receive(packet: Buffer): void {
    const pending = this.#pending
    if (pending === undefined || pending.over) {
      this.#idle?.(packet)
      return
    }
    pending.take(packet)
    // A session that is kept keeps nothing of its last exchange.
    if (pending.over && this.#pending === pending) this.#pending = undefined
  }
}

/** An exchange under way. A class and not closures: there are five of them in each look at each BMC. */
class Pending<T> {
  over = false
  readonly #exchange: Exchange<T>
  readonly #line: Line
  readonly #clock: Clock
  readonly #resolve: (answer: T | undefined) => void
  readonly #reject: (reason: unknown) => void
  #left: number
  #nextWait: number
  #transmissions = 0
  #cancelTimer: (() => void) | undefined
  #onAbort: (() => void) | undefined

  constructor(
    exchange: Exchange<T>,
    line: Line,
    clock: Clock,
    resolve: (answer: T | undefined) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#exchange = exchange
    this.#line = line
    this.#clock = clock
    this.#resolve = resolve
    this.#reject = reject
    this.#left = exchange.budgetMs
    this.#nextWait = exchange.retransmitMs ?? exchange.budgetMs
  }

  begin(): void {
    const { signal } = this.#exchange
    if (signal !== undefined) {
      const onAbort = () => {
        if (this.#finish()) this.#reject(signal.reason)
      }
      if (signal.aborted) {
        onAbort()
        return
      }
      this.#onAbort = onAbort
      signal.addEventListener('abort', onAbort)
    }
    this.#transmit()
  }

  take(packet: Buffer): void {
    const answer = this.#exchange.accept(packet)
    if (answer !== undefined && this.#finish()) this.#resolve(answer)
  }

  #transmit(): void {
    const wait = Math.min(this.#nextWait, this.#left)
    this.#left -= wait
    this.#nextWait *= 2
    this.#cancelTimer = this.#clock.after(wait, () => {
      if (this.#left > 0) this.#transmit()
      // Node runs due timers before it reads sockets. After a stall of our own process the answer may lie there
      // already, so the socket is read once more before silence is believed.
      else setImmediate(() => this.#finish() && this.#resolve(undefined))
    })
    const transmission = this.#transmissions
    this.#transmissions += 1
    this.#line.send(this.#exchange.packet(transmission))
  }

  /** False if it was over already. */
  #finish(): boolean {
    if (this.over) return false
    this.over = true
    this.#cancelTimer?.()
    if (this.#onAbort) this.#exchange.signal?.removeEventListener('abort', this.#onAbort)
    return true
  }
}

/** Answers are told by their sender's address, so it must be spelt as the kernel spells it. */
function literalPeer({ host, port }: BmcAddress): Peer | undefined {
  if (isIPv4(host)) return { address: host, port, family: 4 }
  if (!isIPv6(host)) return undefined
  const [literal = host, zone] = host.split('%')
  const { address } = new SocketAddress({ address: literal, family: 'ipv6' })
  return { address: zone === undefined ? address : `${address}%${zone}`, port, family: 6 }
}

async function resolvedPeer({ host, port, key }: BmcAddress): Promise<Peer> {
  const target = await lookup(host).catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'error'
    throw unreachable(key, `its name does not resolve (${code})`)
  })
  return { address: target.address, port, family: target.family === 6 ? 6 : 4 }
}
