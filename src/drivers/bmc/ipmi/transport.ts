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
  #receive: ((packet: Buffer) => void) | undefined
  #idle: ((packet: Buffer) => void) | undefined

  private constructor(peer: Peer, { sockets, clock }: IpmiSettings) {
    this.#clock = clock
    this.#line = sockets.open(peer, (packet) => (this.#receive ?? this.#idle)?.(packet))
  }

  /** Throws bmc-unreachable if the name does not resolve. */
  static async connect(address: BmcAddress, settings: IpmiSettings): Promise<Transport> {
    return new Transport(literalPeer(address) ?? (await resolvedPeer(address)), settings)
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
    const { signal } = exchange
    return new Promise((resolve, reject) => {
      let left = exchange.budgetMs
      let cancelTimer: () => void = () => undefined
      let finished = false
      const finish = (settle: () => void) => {
        if (finished) return
        finished = true
        this.#receive = undefined
        cancelTimer()
        signal?.removeEventListener('abort', onAbort)
        settle()
      }
      const onAbort = () => finish(() => reject(signal?.reason))
      const transmit = (transmission: number, retransmitMs: number) => {
        const wait = Math.min(retransmitMs, left)
        left -= wait
        cancelTimer = this.#clock.after(wait, () => {
          if (left > 0) transmit(transmission + 1, retransmitMs * 2)
          // Node runs due timers before it reads sockets. After a stall of our own process the answer may lie there
          // already, so the socket is read once more before silence is believed.
          else setImmediate(() => finish(() => resolve(undefined)))
        })
        this.send(exchange.packet(transmission))
      }

      if (signal?.aborted) return onAbort()
      signal?.addEventListener('abort', onAbort)
      this.#receive = (packet) => {
        const answer = exchange.accept(packet)
        if (answer !== undefined) finish(() => resolve(answer))
      }
      transmit(0, exchange.retransmitMs ?? exchange.budgetMs)
    })
  }

  close(): void {
    this.#line.close()
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
