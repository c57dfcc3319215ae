import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import type { Services } from '../services/context.ts'
import { consoleTenant, dropConsoleLease, takeConsoleLease } from '../store/consoles.ts'
import { hostById } from '../store/hosts.ts'
import { listTokens } from '../store/tokens.ts'
import type { Log } from '../telemetry/log.ts'
import { ConsoleRoom, type Tenant, type Viewer } from './room.ts'

/** How often a room's right to be here, and its viewers' right to watch, are looked at again. */
const LOOK_AGAIN_MS = 2_000
/** A replica that dies gives its consoles back after this. */
const LEASE_MS = 15_000
/** A page that is loaded again finds its console as it was. */
const LINGER_MS = 30_000
const HISTORY_BYTES = 256 * 1024

export type Joined =
  | { here: true; room: ConsoleRoom; leave: () => void }
  /** Another replica has it: `url` of that one, if it says where it is found. */
  | { here: false; url: string | null }

export interface Consoles {
  join(host: Host, viewer: Viewer): Promise<Joined>
  /** Who watches a host's console through this replica. */
  room(hostId: string): ConsoleRoom | null
  rooms(): ConsoleRoom[]
  close(): Promise<void>
}

interface OpenRoom {
  room: ConsoleRoom
  timer: NodeJS.Timeout
  /** The look that is under way; null: none. */
  looking: Promise<void> | null
}

/** The consoles that this replica has open, one room per host; the database keeps two replicas from one BMC's console. */
export function createConsoles(services: Services, options: { url: string | null; log: Log }): Consoles {
  const { tools } = services
  const open = new Map<string, OpenRoom>()
  /** Rooms that nobody is in any more, until their sessions have ended. */
  const ending = new Set<Promise<void>>()
  let closed = false
  const lease = (hostId: string) =>
    takeConsoleLease(tools.db, { hostId, executor: tools.executor, url: options.url, leaseMs: LEASE_MS })

  async function look(hostId: string, { room }: OpenRoom): Promise<void> {
    try {
      if (!(await hostById(tools.db, hostId))) return void room.close('the host was removed')
      const [{ ours }, tenant, tokens] = await Promise.all([
        lease(hostId),
        consoleTenant(tools.db, hostId),
        listTokens(tools.db),
      ])
      if (!ours) return void room.close('another replica has this console now')
      room.setTenant(tenant)
      const roles = new Map(tokens.map(({ name, role }) => [name, role]))
      room.putOut(({ name, mayWrite, instanceId }) =>
        instanceId !== null || (roles.has(name) && (!mayWrite || roles.get(name) === 'admin'))
          ? null
          : 'the token was withdrawn',
      )
    } catch (error) {
      options.log('warn', 'a console could not be looked at', { host: hostId, error: String(error) })
      // who may watch is not known: a cloud user must not see another one's server
      room.setTenant(null)
    }
  }

  function openRoom(host: Host, tenant: Tenant | null): ConsoleRoom {
    const room = new ConsoleRoom(
      {
        open: async () => {
          const fresh = await hostById(tools.db, host.id)
          if (!fresh) throw gone(host)
          const access = (await tools.bmc(fresh)).console
          if (!access) throw noConsole(fresh)
          return access
        },
        lingerMs: LINGER_MS,
        historyBytes: HISTORY_BYTES,
        after: (ms, task) => {
          const timer = setTimeout(task, ms)
          return () => clearTimeout(timer)
        },
        onEnd: (closed) => {
          clearInterval(entry.timer)
          open.delete(host.id)
          // a look that is under way would take the console again
          const ended = Promise.all([closed, entry.looking])
            .then(() => giveBack(host.id))
            .finally(() => ending.delete(ended))
          ending.add(ended)
        },
      },
      tenant,
    )
    const entry: OpenRoom = {
      room,
      timer: setInterval(() => {
        entry.looking ??= look(host.id, entry).finally(() => {
          entry.looking = null
        })
      }, LOOK_AGAIN_MS),
      looking: null,
    }
    open.set(host.id, entry)
    return room
  }

  /** Once the BMC's session has ended: the next replica must not find it taken. */
  async function giveBack(hostId: string): Promise<void> {
    // somebody has come back meanwhile
    if (open.has(hostId)) return
    await dropConsoleLease(tools.db, hostId, tools.executor).catch((error: unknown) =>
      options.log('warn', 'a console could not be given back', { host: hostId, error: String(error) }),
    )
  }

  return {
    async join(host, viewer) {
      if (closed) throw shuttingDown(host)
      const tenant = await consoleTenant(tools.db, host.id)
      if (viewer.instanceId !== null && viewer.instanceId !== tenant?.instanceId)
        throw new FerruleError(
          'forbidden',
          `${host.name} is not this instance's server any more`,
          'Open the console of the instance again.',
        )
      const taken = await lease(host.id)
      if (!taken.ours) return { here: false, url: taken.url }
      if (closed) throw shuttingDown(host)
      // no await between looking and opening: two viewers at once share one room
      const room = open.get(host.id)?.room ?? openRoom(host, tenant)
      room.setTenant(tenant)
      return { here: true, room, leave: room.join(viewer) }
    },
    room: (hostId) => open.get(hostId)?.room ?? null,
    rooms: () => [...open.values()].map(({ room }) => room),
    async close() {
      closed = true
      for (const { room } of [...open.values()]) void room.close('Ferrule is shutting down')
      await Promise.all(ending)
    },
  }
}

function shuttingDown(host: Host): FerruleError {
  return new FerruleError('cancelled', 'Ferrule is shutting down', 'Open the console again when it runs.', {
    host: host.name,
  })
}

function gone(host: Host): FerruleError {
  return new FerruleError('not-found', `host ${host.name} is gone`, 'Nothing to do: it was removed.', {
    host: host.name,
  })
}

function noConsole(host: Host): FerruleError {
  return new FerruleError(
    'bmc-unsupported',
    `the BMC of ${host.name} carries no serial console by the protocol that it is reached with`,
    'Use a protocol that has one (IPMI or Redfish), or the screen in the room.',
    { host: host.name },
  )
}
