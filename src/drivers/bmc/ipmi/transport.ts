import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import type { BmcAddress } from './address.ts'
import { unreachable } from './errors.ts'
import type { Clock } from './options.ts'

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

/** A UDP socket connected to one BMC; the kernel drops what others send. One exchange at a time. */
export class Transport {
  readonly #socket: Socket
  readonly #clock: Clock
  #receive: ((packet: Buffer) => void) | undefined
  #idle: ((packet: Buffer) => void) | undefined

  private constructor(socket: Socket, clock: Clock) {
    this.#socket = socket
    this.#clock = clock
    socket.on('message', (packet) => (this.#receive ?? this.#idle)?.(packet))
    // ICMP "port unreachable" arrives here. A BMC that restarts sends it for a moment, and anybody can forge it, so
    // only the end of the budget decides.
    socket.on('error', () => undefined)
  }

  /** Throws bmc-unreachable if the name does not resolve. */
  static async connect(address: BmcAddress, clock: Clock): Promise<Transport> {
    const target = await lookup(address.host).catch((cause: unknown) => {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'error'
      throw unreachable(address.key, `its name does not resolve (${code})`)
    })
    const socket = createSocket(target.family === 6 ? 'udp6' : 'udp4')
    const transport = new Transport(socket, clock)
    await new Promise<void>((resolve, reject) => {
      const onError = (cause: Error) => {
        socket.close()
        reject(unreachable(address.key, `no route to it (${cause.message})`))
      }
      socket.once('error', onError)
      socket.connect(address.port, target.address, () => {
        socket.off('error', onError)
        resolve()
      })
    })
    return transport
  }

  /** Who hears packets that come while no exchange is under way: a console speaks unasked. */
  onIdle(listener: (packet: Buffer) => void): void {
    this.#idle = listener
  }

  send(packet: Buffer): void {
    // A local send error (no route, full buffer) is a lost packet like any other.
    this.#socket.send(packet, () => undefined)
  }

  /** The answer, or undefined when the budget ended without one. Rejects only when `signal` is aborted. */
  exchange<T>(exchange: Exchange<T>): Promise<T | undefined> {
    const { signal } = exchange
    return new Promise((resolve, reject) => {
      let cancelRetransmit: () => void = () => undefined
      let finished = false
      const finish = (settle: () => void) => {
        if (finished) return
        finished = true
        this.#receive = undefined
        cancelBudget()
        cancelRetransmit()
        signal?.removeEventListener('abort', onAbort)
        settle()
      }
      const onAbort = () => finish(() => reject(signal?.reason))
      const transmit = (transmission: number, wait: number | undefined) => {
        this.send(exchange.packet(transmission))
        if (wait !== undefined) {
          cancelRetransmit = this.#clock.after(wait, () => transmit(transmission + 1, wait * 2))
        }
      }

      // Node runs due timers before it reads sockets. After a stall of our own process the answer may lie there
      // already, so the socket is read once more before silence is believed.
      const cancelBudget = this.#clock.after(exchange.budgetMs, () => {
        setImmediate(() => finish(() => resolve(undefined)))
      })
      if (signal?.aborted) return onAbort()
      signal?.addEventListener('abort', onAbort)
      this.#receive = (packet) => {
        const answer = exchange.accept(packet)
        if (answer !== undefined) finish(() => resolve(answer))
      }
      transmit(0, exchange.retransmitMs)
    })
  }

  close(): void {
    this.#socket.close()
  }
}
