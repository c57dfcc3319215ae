import { createSocket, type Socket } from 'node:dgram'
import type { Machine } from '../world/types.ts'
import { Bmc, type BmcOptions, type Reply } from './bmc.ts'
import { CHASSIS_CONTROL } from './commands-chassis.ts'
import type { ManagementController } from './controller.ts'
import type { BmcDials } from './dials.ts'
import { NETFN } from './message.ts'

export interface RunningBmc {
  readonly dials: BmcDials
  readonly address: string
  /** The real one where the machine's says 0. */
  readonly port: number
  readonly controller: ManagementController
  close(): Promise<void>
}

/**
 * Serves IPMI 2.0 over LAN for one machine, at its BMC's address, with its user and password.
 * Rejects with the socket's error (EADDRINUSE, EACCES) when the address cannot be bound.
 *
 * @example
 * const bmc = await startBmc(world.machine('r1-h3'))
 * bmc.dials.dropPowerReplies = 1
 */
export async function startBmc(machine: Machine, options: BmcOptions = {}): Promise<RunningBmc> {
  const socket = createSocket('udp4')
  const bmc = new Bmc(machine, {
    port: () => socket.address().port,
    ...options,
    send: (bytes, to) => {
      const colon = to.lastIndexOf(':')
      deliver({ bytes, request: null }, { address: to.slice(0, colon), port: Number(to.slice(colon + 1)) })
    },
  })
  const delayed = new Set<NodeJS.Timeout>()
  let open = true
  await bind(socket, machine.bmc.port, machine.bmc.address)

  const send = (reply: Reply, to: Peer) => {
    // The console may be gone by now: what becomes of a reply does not concern a BMC.
    if (open) socket.send(reply.bytes, to.port, to.address, () => {})
  }
  const deliver = (reply: Reply, to: Peer) => {
    if (bmc.dials.unreachable || isLost(reply, bmc.dials)) return
    if (bmc.dials.delayMs === 0) return send(reply, to)
    const timer = setTimeout(() => {
      delayed.delete(timer)
      send(reply, to)
    }, bmc.dials.delayMs)
    delayed.add(timer)
  }
  socket.on('error', () => {})
  socket.on('message', (datagram, from) => {
    if (bmc.dials.unreachable) return
    const reply = bmc.handle(datagram, `${from.address}:${from.port}`)
    if (reply !== null) deliver(reply, from)
  })

  return {
    dials: bmc.dials,
    controller: bmc.controller,
    address: machine.bmc.address,
    port: socket.address().port,
    async close() {
      if (!open) return
      open = false
      for (const timer of delayed) clearTimeout(timer)
      bmc.stop()
      await new Promise<void>((resolve) => socket.close(resolve))
    },
  }
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

interface Peer {
  address: string
  port: number
}

/** Counts the dials down. */
function isLost(reply: Reply, dials: BmcDials): boolean {
  const { request } = reply
  if (dials.dropPowerReplies > 0 && request?.netFn === NETFN.chassis && request.command === CHASSIS_CONTROL) {
    dials.dropPowerReplies -= 1
    return true
  }
  if (dials.dropNextReplies <= 0) return false
  dials.dropNextReplies -= 1
  return true
}
