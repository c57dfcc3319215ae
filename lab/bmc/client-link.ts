import { createSocket, type Socket } from 'node:dgram'
import { IpmiError } from './client-error.ts'
import { decodePacket, type Packet } from './packet.ts'

/** FreeIPMI's retransmission timeout, and the sends after which the lab's MAAS gives a BMC up. */
const WAIT_MS = 500
const SENDS = 4

/** One UDP socket towards one BMC, one question at a time. */
export class ClientLink {
  private readonly socket: Socket
  private readonly address: string
  private readonly port: number
  private listener: ((packet: Packet) => void) | null = null

  private constructor(socket: Socket, address: string, port: number) {
    this.socket = socket
    this.address = address
    this.port = port
    socket.on('error', () => {})
    socket.on('message', (datagram, from) => {
      if (from.address !== address || from.port !== port) return
      const packet = decodePacket(datagram)
      if (packet !== null) this.listener?.(packet)
    })
  }

  static async open(address: string, port: number): Promise<ClientLink> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(0, () => {
        socket.off('error', reject)
        resolve()
      })
    })
    return new ClientLink(socket, address, port)
  }

  /**
   * Sends until `accept` makes something of an answer. `build` is called for each send, because a packet that is
   * sent again needs a new session sequence number.
   */
  async ask<T>(build: () => Buffer, accept: (packet: Packet) => T | null, sends = SENDS): Promise<T> {
    for (let sent = 0; sent < sends; sent += 1) {
      const answer = this.next(accept)
      this.socket.send(build(), this.port, this.address, () => {})
      const value = await answer
      if (value !== null) return value
    }
    throw new IpmiError('unreachable', 'BMC unreachable')
  }

  /** Sends what needs no answer. */
  tell(datagram: Buffer): Promise<void> {
    return new Promise((resolve) => this.socket.send(datagram, this.port, this.address, () => resolve()))
  }

  close(): void {
    this.socket.close()
  }

  /** The next acceptable answer, or null when the wait is over. */
  private next<T>(accept: (packet: Packet) => T | null): Promise<T | null> {
    return new Promise((resolve) => {
      const settle = (value: T | null) => {
        clearTimeout(timer)
        this.listener = null
        resolve(value)
      }
      const timer = setTimeout(() => settle(null), WAIT_MS)
      this.listener = (packet) => {
        const value = accept(packet)
        if (value !== null) settle(value)
      }
    })
  }
}
