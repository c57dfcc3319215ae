import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { wiredPorts } from '../domain/host.ts'
import type { SwitchReach, SwitchReached } from '../domain/switch-reach.ts'
import { listSwitches } from '../store/racks.ts'
import { createReplicas } from '../store/replicas.ts'
import { type SwitchWatch, switchWatches, type WatchState } from '../store/switch-watches.ts'
import type { Services } from './context.ts'

export interface SwitchHealthView extends Omit<SwitchReach, 'nextTry'> {
  nextTry: string | null
}

export function healthView({ tools }: Services, id: string): SwitchHealthView | null {
  const health = tools.switchHealth(id)
  return (
    health && { ...health, nextTry: health.nextTry === null ? null : new Date(health.nextTry).toISOString() }
  )
}

/** How somebody else's change of a port is noticed. */
export interface SwitchWatchView {
  /** `polled`: by the regular look alone, for its protocol does not push. */
  state: WatchState | 'polled'
  /** ISO time; null: it is polled. */
  since: string | null
  /** What ended the newest subscription. */
  failure: string | null
}

/** By switch id, whichever replica is subscribed. */
export async function watchViews({ tools, settings }: Services): Promise<(id: string) => SwitchWatchView> {
  const [watches, live] = await Promise.all([
    switchWatches(tools.db),
    createReplicas(tools.db).live(settings.replicaLeaseMs),
  ])
  return (id) => watchView(watches.get(id), live)
}

function watchView(watch: SwitchWatch | undefined, live: ReadonlySet<string>): SwitchWatchView {
  if (!watch) return { state: 'polled', since: null, failure: null }
  const { executor, state, since, failure } = watch
  // nobody has written the end of what a replica had that was killed
  if (!live.has(executor)) return { state: 'lost', since, failure: 'the replica that was subscribed is gone' }
  return { state, since, failure }
}

/** Every switch of the rack files, or those that a host is wired to, as this replica can reach them. */
export async function switchesReached(
  { tools }: Services,
  host?: Pick<Host, 'nics'>,
): Promise<SwitchReached[]> {
  const wired = host && new Set(wiredPorts(host).map(({ switchId }) => switchId))
  return (await listSwitches(tools.db))
    .filter(({ id }) => wired?.has(id) ?? true)
    .map(({ id, address, rack }) => ({ id, address, rack, health: tools.switchHealth(id) }))
}

/** By its address, as the rack file writes it. */
export async function findSwitch(services: Services, key: string): Promise<SwitchReached> {
  const found = (await switchesReached(services)).find(({ id }) => id === key.toLowerCase())
  if (found) return found
  throw new FerruleError(
    'not-found',
    `there is no switch ${key} in any rack configuration`,
    'List them with "ferrule rack list" and "ferrule rack show".',
    { switch: key },
  )
}
