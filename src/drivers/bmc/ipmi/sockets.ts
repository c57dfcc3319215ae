import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'

/** Where a BMC listens: an address in the spelling that the kernel reports, and a port. */
export interface Peer {
  address: string
  port: number
  family: 4 | 6
}

/** One peer's use of one socket. */
export interface Line {
  send(packet: Buffer): void
  close(): void
}

/** Enough that a stall of the process does not overflow their receive buffers. */
const socketsAtFirst = 4
/** Bytes; the kernel grants what its own limit allows. */
const receiveBuffer = 2 ** 20

type Receiver = (packet: Buffer) => void

interface SharedSocket {
  socket: Socket
  /** By port of the peer, which nearly all have in common, and then by its address. */
  receivers: Map<number, Map<string, Receiver>>
  usable: boolean
}

/**
 * A few UDP sockets for all BMCs, since a socket of its own per session costs more than the session. They are not
 * connected, so the kernel lets everybody's packets in: only those from the very address and port of a peer with an open
 * line are passed on. Two lines to one peer are never on the same socket, so that the port tells their answers apart.
 */
export class UdpSockets {
  readonly #families: Record<4 | 6, SharedSocket[]> = { 4: [], 6: [] }
  #turn = 0

  open(peer: Peer, receive: Receiver): Line {
    const { address, port } = peer
    const shared = this.#socketFor(peer)
    const receivers = shared.receivers.get(port) ?? new Map<string, Receiver>()
    shared.receivers.set(port, receivers.set(address, receive))
    return {
      // A local send error (no route, full buffer) is a lost packet like any other.
      send: (packet) => {
        if (shared.usable) shared.socket.send(packet, port, address)
      },
      close: () => {
        // Closed twice, it must not silence the peer's next line.
        if (receivers.get(address) === receive) receivers.delete(address)
      },
    }
  }

  /** Lines that are still open hear nothing more. */
  close(): void {
    for (const family of [4, 6] as const)
      for (const shared of this.#families[family]) this.#drop(family, shared)
  }

  #socketFor({ family, port, address }: Peer): SharedSocket {
    const sockets = this.#families[family]
    this.#turn += 1
    for (let index = 0; index < sockets.length && sockets.length >= socketsAtFirst; index += 1) {
      const candidate = sockets[(this.#turn + index) % sockets.length]
      if (candidate !== undefined && !candidate.receivers.get(port)?.has(address)) return candidate
    }
    const fresh = this.#bind(family)
    sockets.push(fresh)
    return fresh
  }

  #bind(family: 4 | 6): SharedSocket {
    const receivers = new Map<number, Map<string, Receiver>>()
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      recvBufferSize: receiveBuffer,
      // Peers are addresses already; node's own lookup would put off each packet by a turn of the event loop.
      lookup: (address, _options, done) => done(null, address, family),
    })
    const shared = { socket, receivers, usable: true }
    socket.on('message', (packet: Buffer, from: RemoteInfo) =>
      receivers.get(from.port)?.get(from.address)?.(packet),
    )
    // It could not be bound, or the kernel has taken it away. Its lines are silent, and the next ones get another.
    socket.on('error', () => this.#drop(family, shared))
    socket.bind()
    // Whoever waits for an answer has a timer; a socket without one must not keep the process alive.
    socket.unref()
    return shared
  }

  #drop(family: 4 | 6, shared: SharedSocket): void {
    this.#families[family] = this.#families[family].filter((other) => other !== shared)
    shared.usable = false
    shared.socket.close()
  }
}
