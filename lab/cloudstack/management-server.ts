import { setMaxListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { Chance, Clock } from '../world/types.ts'
import { dispatch } from './api/dispatch.ts'
import { type ApiServer, serveApi } from './api/server.ts'
import type { Keys } from './api/signature.ts'
import type { Cloud } from './cloud.ts'
import { ServerGone } from './cloud.ts'
import type { CloudstackDials } from './dials.ts'
import { collectLater, isInUse } from './orchestrator/guest-networks.ts'
import { cancelJobs, startJob } from './orchestrator/jobs.ts'
import { pingRound } from './orchestrator/power-sync.ts'
import type { ExtensionPrograms } from './orchestrator/programs.ts'
import { expungeLater } from './orchestrator/stop.ts'
import { deliver } from './orchestrator/webhooks.ts'
import type { VirtualRouters } from './routers.ts'
import type { CloudEvent, CloudState } from './state.ts'

export interface ServerParts {
  state: CloudState
  keys: Keys
  address: string
  port: number
  routers: VirtualRouters
  programs: ExtensionPrograms
  dials: CloudstackDials
  clock: Clock
  chance: Chance
  newId(): string
  isId(text: string): boolean
  touch(): void
}

export interface ManagementServer {
  readonly url: string
  readonly cloud: Cloud
  /** As by kill -9: what it was doing is not finished, and its extension processes go on without it. */
  kill(): Promise<void>
}

const EVENTS_KEPT = 1000
/** How often a round is looked for while there are none. */
const IDLE_MS = 50

/** One life of a management server on this database. Jobs that an earlier one left are over. */
export async function startManagementServer(parts: ServerParts): Promise<ManagementServer> {
  const life = new AbortController()
  // every job that waits listens to it
  setMaxListeners(0, life.signal)
  const cloud = createCloud(parts, life.signal)
  cancelJobs(cloud)
  resumeWaits(cloud)
  const api: ApiServer = await serveApi(parts.address, parts.port, (values) =>
    dispatch(cloud, parts.keys, values, Date.now()),
  )
  void pingFor(cloud, life.signal)
  return {
    url: api.url,
    cloud,
    async kill() {
      life.abort(new ServerGone())
      parts.programs.abandon()
      await api.stop()
    },
  }
}

function createCloud(parts: ServerParts, life: AbortSignal): Cloud {
  const { state, clock, chance } = parts
  const turns = new Map<string, Promise<unknown>>()
  const now = () => new Date(clock.now()).toISOString().replace(/\.\d+Z$/, '+0000')
  const touch = () => parts.touch()
  const newId = () => parts.newId()
  const books = { state, newId, now, touch }
  return {
    ...books,
    isId: (text) => parts.isId(text),
    routers: parts.routers,
    programs: parts.programs,
    dials: parts.dials,
    pick: (below) => Math.floor(chance.next() * below),
    sleep: (ms) => clock.sleep(ms, life),
    isBusy: (vmId) => turns.has(vmId),
    async inTurn(vmId, work) {
      const before = turns.get(vmId) ?? Promise.resolve()
      const mine = before.catch(() => {}).then(work)
      turns.set(vmId, mine)
      try {
        return await mine
      } finally {
        if (turns.get(vmId) === mine) turns.delete(vmId)
      }
    },
    startJob: (command, about, work) => startJob(books, command, about, work),
    alive() {
      if (life.aborted) throw new ServerGone()
    },
    event(type, status, about) {
      const event: CloudEvent = {
        id: newId(),
        type,
        state: status,
        level: about.failed ? 'ERROR' : 'INFO',
        description: about.description,
        resourceId: about.id ?? null,
        resourceType: about.resourceType,
        created: now(),
      }
      state.events.push(event)
      if (state.events.length > EVENTS_KEPT) state.events.shift()
      touch()
      deliver(books, { id: event.id, type, payload: JSON.stringify(payloadOf(state, event)) })
    },
  }
}

/** The body of a webhook's delivery. */
function payloadOf({ user, account }: CloudState, event: CloudEvent): Record<string, unknown> {
  return {
    eventDateTime: event.created.replace('T', ' ').replace('+0000', ' +0000'),
    event: event.type,
    status: event.state,
    entity: event.resourceType,
    entityuuid: event.resourceId,
    user: user.id,
    account: account.id,
    description: event.description,
    ...(event.resourceId === null ? {} : { [event.resourceType]: event.resourceId }),
  }
}

/** What an earlier life was waiting for. */
function resumeWaits(cloud: Cloud): void {
  const { vms, networks } = cloud.state
  for (const vm of vms) if (vm.state === 'Destroyed') expungeLater(cloud, vm)
  for (const network of networks)
    if (network.vlan !== null && !isInUse(cloud, network))
      collectLater(cloud, { nics: [{ networkId: network.id }] })
}

async function pingFor(cloud: Cloud, life: AbortSignal): Promise<void> {
  while (!life.aborted) {
    await pause(cloud.dials.pingMs || IDLE_MS, undefined, { ref: false })
    // A round that fails is a round without reports.
    if (!life.aborted && cloud.dials.pingMs > 0) await pingRound(cloud).catch(() => {})
  }
}
