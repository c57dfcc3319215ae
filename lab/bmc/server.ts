import { createSocket, type Socket } from 'node:dgram'
import { createChance } from '../world/chance.ts'
import type { Machine } from '../world/types.ts'
import { Bmc, type BmcOptions } from './bmc.ts'
import type { ManagementController } from './controller.ts'
import type { BmcDials } from './dials.ts'
import { FaultyLine } from './line.ts'

export interface RunningBmc {
  readonly dials: BmcDials
  readonly address: string
  /** The real one where the machine's says 0. */
  readonly port: number
  readonly controller: ManagementController
  /** Who is logged in now, half-open logins included: where from, and whether it has the serial console. */
  sessions(): { from: string; console: boolean }[]
  close(): Promise<void>
}

export interface BmcServerOptions extends BmcOptions {
  /** Chooses which packets the line's dials meet. */
  seed?: number
}

interface Peer {
  address: string
  port: number
}

/**
 * Serves IPMI 2.0 over LAN for one machine, at its BMC's address, with its user and password.
 * Rejects with the socket's error (EADDRINUSE, EACCES) when the address cannot be bound.
 *
 * @example
 * const bmc = await startBmc(world.machine('r1-h3'))
 * bmc.dials.dropPowerReplies = 1
 */
export async function startBmc(machine: Machine, options: BmcServerOptions = {}): Promise<RunningBmc> {
  const socket = createSocket('udp4')
  const bmc = new Bmc(machine, {
    port: () => socket.address().port,
    ...options,
    send: (bytes, to) => line.deliver({ bytes, request: null }, peerOf(to)),
  })
  let open = true
  const send = (bytes: Buffer, to: Peer) => {
    // The console may be gone by now: what becomes of a reply does not concern a BMC.
    if (open) socket.send(bytes, to.port, to.address, () => {})
  }
  const line = new FaultyLine<Peer>(
    send,
    bmc.dials,
    createChance(options.seed ?? 1, `line of ${machine.name}`),
  )
  await bind(socket, machine.bmc.port, machine.bmc.address)
  socket.on('error', () => {})
  socket.on('message', (datagram, from) => {
    if (!line.arrives()) return
    const reply = bmc.handle(datagram, `${from.address}:${from.port}`)
    if (reply !== null) line.deliver(reply, from)
  })

  return {
    dials: bmc.dials,
    controller: bmc.controller,
    address: machine.bmc.address,
    port: socket.address().port,
    sessions: () => bmc.loggedIn(),
    async close() {
      if (!open) return
      open = false
      line.stop()
      bmc.stop()
      await new Promise<void>((resolve) => socket.close(resolve))
    },
  }
}

/** Consoles are called "address:port". */
function peerOf(console: string): Peer {
  const colon = console.lastIndexOf(':')
  return { address: console.slice(0, colon), port: Number(console.slice(colon + 1)) }
}

function bind(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, address, () => {
      socket.off('error', reject)
      resolve()
    })
  })
}
