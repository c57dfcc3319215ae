import type { AttentionItem } from '../domain/attention.ts'
import { attentionList } from '../domain/attention.ts'
import type { HostSituation } from '../domain/host.ts'
import { hostState } from '../domain/host.ts'
import type { LagSwitch } from '../domain/lag.ts'
import type { Offering } from '../domain/offering.ts'
import { countFitting } from '../domain/planner.ts'
import { cloudFindings } from '../store/cloud-findings.ts'
import { cloudViews } from '../store/cloud-views.ts'
import { reservations } from '../store/holds.ts'
import { hostSituations } from '../store/hosts.ts'
import { listInstances } from '../store/instances.ts'
import type { Operation } from '../store/operations.ts'
import { listOperations } from '../store/operations.ts'
import type { UsualDuration } from '../store/overview.ts'
import { begunAt, lastingFailures, lastTrouble, usualDurations } from '../store/overview.ts'
import { portDrifts } from '../store/switch-looks.ts'
import { lagSwitches } from '../workflows/lags.ts'
import { offerings } from './catalogue.ts'
import type { Services } from './context.ts'
import { switchesReached } from './switches.ts'
import { sidesThatDiffer } from './three-sides.ts'

export interface Overview {
  at: string
  attention: AttentionItem[]
  /** How many there are; `attention` holds the gravest of them. */
  attentionCount: number
  /** Null: it is not all well. */
  wellSince: string | null
  running: (Operation & { name: string | null; usualMs: number | null })[]
  capacity: { offering: string; free: number; fitting: number }[]
  hosts: { state: string; count: number }[]
  usual: UsualDuration[]
}

const FAILED_FOR_HOURS = 24
/** What one answer holds: more than that nobody reads, and the count tells. */
const MOST_ITEMS = 200

/** What a person on duty looks at first. Records alone: no device is asked. */
export async function overview(services: Services): Promise<Overview> {
  const { db, now } = services.tools
  const [
    fleet,
    live,
    failed,
    instances,
    usual,
    kinds,
    reserved,
    trouble,
    begun,
    switches,
    drifts,
    cloud,
    onlyInCloud,
  ] = await Promise.all([
    hostSituations(db),
    listOperations(db, { live: true, limit: MOST_ITEMS }),
    lastingFailures(db, FAILED_FOR_HOURS, MOST_ITEMS),
    listInstances(db),
    usualDurations(db),
    offerings(services),
    reservations(db),
    lastTrouble(db),
    begunAt(db),
    switchesReached(services),
    portDrifts(db),
    cloudViews(db),
    cloudFindings(db),
  ])
  const bonded = kinds.find(({ bondMode }) => bondMode === '802.3ad')
  const lags = await lagSwitches(services.tools, bonded?.bondMode ?? 'active-backup')
  const usualMs = new Map(usual.map(({ kind, mostMs }) => [kind, mostMs]))
  const medians = new Map(usual.map(({ kind, medianMs }) => [kind, medianMs]))
  const told = new Set([...drifts.map(({ hostId }) => hostId), ...cloud.map(({ instanceId }) => instanceId)])
  const differing = instances.filter(({ id, hostId }) => told.has(id) || told.has(hostId ?? ''))
  const sides = await sidesThatDiffer(services, differing.slice(0, MOST_ITEMS))
  const items = attentionList({
    hosts: fleet,
    instances,
    switches,
    drifts,
    live,
    failed,
    usualMs,
    cloud,
    onlyInCloud,
    sides,
    now: now(),
  })
  const names = new Map([
    ...fleet.map(({ host }) => [host.id, host.name] as const),
    ...instances.map(({ id, name }) => [id, name] as const),
  ])
  const reservedHostIds = new Set(reserved.map(({ hostId }) => hostId))
  return {
    at: new Date(now()).toISOString(),
    attention: items.slice(0, MOST_ITEMS),
    attentionCount: items.length,
    wellSince: items.length > 0 ? null : (trouble ?? begun),
    running: live.map((operation) => ({
      ...operation,
      name: names.get(operation.instanceId ?? '') ?? names.get(operation.hostId ?? '') ?? null,
      usualMs: medians.get(operation.kind) ?? null,
    })),
    capacity: kinds.map((offering) => ({
      offering: offering.name,
      ...capacityOf(offering, fleet, reservedHostIds, lags),
    })),
    hosts: countStates(fleet),
    usual,
  }
}

function capacityOf(
  offering: Offering,
  fleet: readonly HostSituation[],
  reservedHostIds: Set<string>,
  lagSwitches: ReadonlyMap<string, LagSwitch>,
) {
  const { architecture } = offering
  const question = {
    ...{ offering, architecture, networks: 1, avoid: new Set<string>(), lagSwitches },
    ownInCloud: new Map<string, string>(),
  }
  // the same hosts as if each were free and clean: what the offering could have at most
  const idle = fleet.map((situation) => ({
    host: { ...situation.host, attention: null, question: null, inPool: true, readOnly: false },
    hold: null,
    tenancy: null,
    dirty: false,
  }))
  return {
    free: countFitting({ ...question, reservedHostIds, reservedForUs: null, only: [] }, fleet),
    fitting: countFitting({ ...question, reservedHostIds: new Set(), reservedForUs: null, only: [] }, idle),
  }
}

function countStates(fleet: readonly HostSituation[]): Overview['hosts'] {
  const counts = new Map<string, number>()
  for (const situation of fleet) {
    const state = hostState(situation)
    counts.set(state, (counts.get(state) ?? 0) + 1)
  }
  return [...counts].map(([state, count]) => ({ state, count }))
}
