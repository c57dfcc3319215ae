import { FerruleError } from '../domain/errors.ts'
import type { DriftChange, PortDrift, SeenSwitch } from '../domain/port-drift.ts'
import { driftChange, inWords, portDrift, portsOn } from '../domain/port-drift.ts'
import type { SeenPort } from '../domain/port-plan.ts'
import type { PortSeen } from '../domain/three-sides.ts'
import type { Services } from '../services/context.ts'
import { type HostOnSwitch, hostsOn } from '../services/switch-ports.ts'
import { insertEvents } from '../store/events.ts'
import {
  databaseTime,
  forgetLook,
  hostsChangedSince,
  lockLook,
  recordFailedLook,
  recordLook,
} from '../store/switch-looks.ts'

/**
 * One look at the ports of one switch: wanted × running × saved, recorded with what has changed since the last one.
 * @returns the drift that stands now; or why nothing was seen: an operation writes it, or it does not answer
 */
export async function lookAtPorts(
  { tools }: Services,
  switchId: string,
): Promise<PortDrift[] | 'written' | 'silent'> {
  const { db } = tools
  const begun = await databaseTime(db)
  const hosts = await hostsOn(db, switchId)
  const names = hosts.flatMap(({ host }) => portsOn(switchId, host).map(({ port }) => port))
  if (names.length === 0) {
    await forgetLook(db, switchId)
    return []
  }
  const seen = await readSwitch(tools, switchId, names)
  if (seen === 'written' || seen === 'silent') return seen
  return db.transaction(async (client) => {
    const before = await lockLook(client, switchId)
    const ids = hosts.map(({ host }) => host.id)
    const changed = await hostsChangedSince(client, ids, begun)
    const uncompared = new Set(
      hosts.filter(({ host, wanted }) => wanted === null || changed.has(host.id)).map(({ host }) => host.id),
    )
    const at = new Date(tools.now()).toISOString()
    const now = hosts.flatMap(({ host, wanted }) =>
      wanted === null ? [] : portDrift(host, wanted, portsOn(switchId, host), seen, at),
    )
    const change = driftChange(before.drift, now, uncompared)
    // a port that an operation changes may be in the middle of it: what was seen of it before stands, with its age
    const ports = hosts.flatMap(({ host }) =>
      portsOn(switchId, host).map(({ port }) => ({ port, isCompared: !uncompared.has(host.id) })),
    )
    const carried = ports.flatMap(({ port, isCompared }) => {
      const one = isCompared ? portSeen(seen, port, begun) : before.seen[port]
      return one ? [[port, one] as const] : []
    })
    await recordLook(client, switchId, { drift: change.drift, seen: Object.fromEntries(carried) })
    await tell(client, seen.address, hosts, change)
    return change.drift.filter(({ hostId }) => !uncompared.has(hostId))
  })
}

function portSeen(
  { running, saved }: Pick<SeenSwitch, 'running' | 'saved'>,
  port: string,
  begun: Date,
): PortSeen | undefined {
  const [now, later] = [running.get(port), saved.get(port)]
  return now && later && { running: own(now), saved: own(later), at: begun.toISOString() }
}

/** Drivers say more of a port than is kept. */
function own({ mode, untagged, tagged, enabled, lag }: SeenPort): SeenPort {
  return { mode, untagged, tagged: [...tagged], enabled, ...(lag === undefined ? {} : { lag }) }
}

async function readSwitch({ db, openSwitch }: Services['tools'], switchId: string, names: readonly string[]) {
  try {
    const { ports, row } = await openSwitch(switchId)
    const seen = await ports.look(names)
    const { address, pxeVlan, quarantineVlan } = row
    return seen === null ? 'written' : { ...seen, address, pxeVlan, quarantineVlan }
  } catch (error) {
    if (!(error instanceof FerruleError) || error.code === 'database-unreachable') throw error
    await recordFailedLook(db, switchId, error.message)
    return 'silent'
  }
}

async function tell(
  client: Parameters<typeof insertEvents>[0],
  address: string,
  hosts: readonly HostOnSwitch[],
  { appeared, gone }: DriftChange,
): Promise<void> {
  const instanceOf = (id: string) => hosts.find(({ host }) => host.id === id)?.instanceId ?? null
  const event = (kind: string, drift: PortDrift, said: string) => ({
    kind,
    hostId: drift.hostId,
    instanceId: instanceOf(drift.hostId),
    message: `switch ${address}, ${drift.host}: ${said}`,
  })
  // of a host that was removed meanwhile there is nothing to tell
  const known = (drift: PortDrift) => hosts.some(({ host }) => host.id === drift.hostId)
  const events = [
    ...appeared.map((drift) => event('host.drift', drift, inWords(drift))),
    ...gone
      .filter(known)
      .map((drift) => event('host.drift-over', drift, `port ${drift.port} is as wanted again`)),
  ]
  if (events.length > 0) await insertEvents(client, events)
}
