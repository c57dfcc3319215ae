import { randomFillSync } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { createChance } from '../world/chance.ts'
import { defaultDials } from './dials.ts'
import { fleetAddresses } from './fleet-addresses.ts'
import { FleetBmc, type FleetIdentity } from './fleet-bmc.ts'
import { PRIVILEGE } from './sessions.ts'
import type { SuiteId } from './suites.ts'

export interface FleetOptions {
  /** At most 100,000; each takes one socket, so the limit of open files comes first (`ulimit -n`). */
  count: number
  /** Address of the first one; the others follow: see fleetAddresses. */
  first: string
  /** The same UDP port for all. */
  port: number
  username: string
  password: string
  /** Sessions of each BMC at a time; default 4. */
  sessions?: number | undefined
  /** Silence after which a session is gone; default 60 s. */
  inactivityMs?: number | undefined
  /** Chooses which datagrams are lost. */
  seed?: number | undefined
}

/** Faults of the network between the fleet and its pollers, settable at run time. */
export interface FleetDials {
  /** Share of the datagrams that are lost, in each direction: 0.01 is one of a hundred. */
  loss: number
  /** Real milliseconds that a reply takes. */
  delayMs: number
  suites: readonly SuiteId[]
}

export interface FleetStats {
  received: number
  sent: number
  /** Datagrams that the dials have swallowed, or that came for an unreachable BMC. */
  lost: number
  /** Sessions open now, half-open ones included. */
  sessions: number
  poweredOn: number
  /** Processor time and memory of the whole process. */
  cpuMs: number
  rssBytes: number
}

/** Numbers of BMCs, `to` not included. */
export interface FleetRange {
  from: number
  to: number
}

export interface Fleet {
  readonly addresses: readonly string[]
  readonly port: number
  setDials(dials: Partial<FleetDials>): void
  setPower(range: FleetRange, on: boolean): void
  setReachable(range: FleetRange, reachable: boolean): void
  stats(): FleetStats
  close(): Promise<void>
}

/** Sockets are bound so many at a time: all at once would hold the event loop for seconds. */
const BINDING = 500
const TIDY_MS = 5_000

/**
 * Cheap BMCs in bulk for benchmarks: they can be logged in to with suites 3 and 17, polled and switched, and have no
 * machine behind them. Rejects, with all sockets closed again, when an address cannot be bound.
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const addresses = fleetAddresses(options.first, options.count)
  const dials: FleetDials = { loss: 0, delayMs: 0, suites: [3, 17] }
  const identity = identityOf(options)
  const chance = createChance(options.seed ?? 1, 'fleet')
  const bmcs = addresses.map((_, index) => new FleetBmc(index, identity))
  const unreachable = new Set<number>()
  const counts = { received: 0, sent: 0, lost: 0 }
  const sockets: Socket[] = []

  const isLost = () => {
    if (dials.loss === 0 || chance.next() >= dials.loss) return false
    counts.lost += 1
    return true
  }
  const send = (socket: Socket, reply: Buffer, to: RemoteInfo) => {
    if (isLost()) return
    counts.sent += 1
    // Nobody waits for this: a poller may be gone, and a fleet may be closed.
    if (sockets.length > 0) socket.send(reply, to.port, to.address, () => {})
  }
  const receive = (bmc: FleetBmc, index: number, socket: Socket, datagram: Buffer, from: RemoteInfo) => {
    counts.received += 1
    if (unreachable.has(index)) {
      counts.lost += 1
      return
    }
    if (isLost()) return
    const reply = bmc.handle(datagram, `${from.address}:${from.port}`)
    if (reply === null) return
    if (dials.delayMs === 0) send(socket, reply, from)
    else setTimeout(send, dials.delayMs, socket, reply, from).unref()
  }

  const port = await bindAll(addresses, options.port, sockets, (socket, index) => {
    const bmc = bmcs[index]
    if (bmc !== undefined)
      socket.on('message', (datagram, from) => receive(bmc, index, socket, datagram, from))
  })
  const tidying = setInterval(() => bmcs.forEach((bmc) => void bmc.tidy()), TIDY_MS).unref()

  return {
    addresses,
    port,
    setDials(next) {
      Object.assign(dials, next)
      identity.dials.suites = dials.suites
    },
    setPower({ from, to }, on) {
      for (const bmc of bmcs.slice(from, to)) bmc.on = on
    },
    setReachable({ from, to }, reachable) {
      for (let index = from; index < to; index += 1) {
        if (reachable) unreachable.delete(index)
        else unreachable.add(index)
      }
    },
    stats() {
      const { user, system } = process.cpuUsage()
      return {
        ...counts,
        sessions: bmcs.reduce((sum, bmc) => sum + bmc.openSessions, 0),
        poweredOn: bmcs.filter(({ on }) => on).length,
        cpuMs: (user + system) / 1000,
        rssBytes: process.memoryUsage.rss(),
      }
    },
    async close() {
      clearInterval(tidying)
      await closeAll(sockets)
    },
  }
}

function identityOf(options: FleetOptions): FleetIdentity {
  return {
    dials: defaultDials(),
    username: options.username,
    password: options.password,
    bmcKey: Buffer.alloc(0),
    privilegeLimit: PRIVILEGE.administrator,
    limits: {
      sessions: options.sessions ?? 4,
      inactivityMs: options.inactivityMs ?? 60_000,
      setupMs: 5_000,
    },
    now: () => performance.now(),
    random: pooledRandom(),
  }
}

/** Random bytes by the page: a call of randomBytes costs as much as an HMAC. */
function pooledRandom(): (length: number) => Buffer {
  const page = Buffer.allocUnsafeSlow(16 * 1024)
  let used = page.length
  return (length) => {
    if (used + length > page.length) {
      randomFillSync(page)
      used = 0
    }
    used += length
    return Buffer.from(page.subarray(used - length, used))
  }
}

/** Returns the port, which the first socket chooses where it is left to the system. */
async function bindAll(
  addresses: readonly string[],
  port: number,
  sockets: Socket[],
  opened: (socket: Socket, index: number) => void,
): Promise<number> {
  const open = (address: string, index: number, at: number) => {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 16 * 1024 })
    sockets.push(socket)
    opened(socket, index)
    return bind(socket, at, address)
  }
  try {
    const [first = '', ...others] = addresses
    const real = await open(first, 0, port)
    for (let from = 0; from < others.length; from += BINDING) {
      const some = others.slice(from, from + BINDING)
      await Promise.all(some.map((address, offset) => open(address, from + offset + 1, real)))
    }
    return real
  } catch (error) {
    await closeAll(sockets)
    throw error
  }
}

function bind(socket: Socket, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, address, () => {
      socket.off('error', reject)
      socket.on('error', () => {})
      resolve(socket.address().port)
    })
  })
}

async function closeAll(sockets: Socket[]): Promise<void> {
  await Promise.all(
    sockets.splice(0).map((socket) => new Promise<void>((done) => socket.close(() => done()))),
  )
}
