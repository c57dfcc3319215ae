import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import type { Services } from '../services/context.ts'
import { consoleTenant, dropConsoleLease, takeConsoleLease } from '../store/consoles.ts'
import { hostById } from '../store/hosts.ts'
import type { Log } from '../telemetry/log.ts'
import { ConsoleRoom, type Viewer } from './room.ts'

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
  close(): Promise<void>
}

interface OpenRoom {
  room: ConsoleRoom
  timer: NodeJS.Timeout
}

/** The consoles that this replica has open, one room per host; the database keeps two replicas from one BMC's console. */
export function createConsoles(services: Services, options: { url: string | null; log: Log }): Consoles {
  const { tools } = services
  const open = new Map<string, OpenRoom>()
  const lease = (hostId: string) =>
    takeConsoleLease(tools.db, { hostId, executor: tools.executor, url: options.url, leaseMs: LEASE_MS })

  async function look(hostId: string, { room }: OpenRoom): Promise<void> {
    try {
      const [{ ours }, tenant] = await Promise.all([lease(hostId), consoleTenant(tools.db, hostId)])
      if (!ours) return await room.close('another replica has this console now')
      room.setTenant(tenant)
    } catch (error) {
      options.log('warn', 'a console could not be looked at', { host: hostId, error: String(error) })
      // who may watch is not known: a cloud user must not see another one's server
      room.setTenant(null)
    }
  }

  function openRoom(host: Host, tenant: string | null): ConsoleRoom {
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
        onEmpty: () => {
          const known = open.get(host.id)
          if (known?.room !== room) return
          clearInterval(known.timer)
          open.delete(host.id)
          dropConsoleLease(tools.db, host.id, tools.executor).catch(() => undefined)
        },
      },
      tenant,
    )
    const entry: OpenRoom = {
      room,
      timer: setInterval(() => void look(host.id, entry), LOOK_AGAIN_MS),
    }
    open.set(host.id, entry)
    return room
  }

  return {
    async join(host, viewer) {
      const taken = await lease(host.id)
      if (!taken.ours) return { here: false, url: taken.url }
      const tenant = await consoleTenant(tools.db, host.id)
      if (viewer.instanceId !== null && viewer.instanceId !== tenant)
        throw new FerruleError(
          'forbidden',
          `${host.name} is not this instance's server any more`,
          'Open the console of the instance again.',
        )
      // no await between looking and opening: two viewers at once share one room
      const room = open.get(host.id)?.room ?? openRoom(host, tenant)
      room.setTenant(tenant)
      return { here: true, room, leave: room.join(viewer) }
    },
    room: (hostId) => open.get(hostId)?.room ?? null,
    async close() {
      await Promise.all([...open.values()].map(({ room }) => room.close('Ferrule is shutting down')))
    },
  }
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
    'Use a protocol that has one (IPMI), or the screen in the room.',
    { host: host.name },
  )
}
