import type { Breaker, LookFailure } from '../domain/power-breaker.ts'
import { isUnknown } from '../domain/power-breaker.ts'
import type { Database, Queryable } from '../store/database.ts'
import type { FailedLook, ReadingBefore, SeenPower } from '../store/power-readings.ts'
import { recordFailed, recordSeen, refreshSeen } from '../store/power-readings.ts'
import type { LookTarget } from '../store/power-watch.ts'
import type { Recorded } from './power-consequences.ts'
import { tellChanges } from './power-consequences.ts'

/** What a look has come to, not recorded yet. */
export type Result = {
  target: LookTarget
  /** When it ended, by performance.now(). */
  at: number
} & ({ state: 'on' | 'off' } | { failure: LookFailure; breaker: Breaker })

/**
 * Records many looks at once. What has changed with them is told with the record or not at all: the next look would see
 * no change. Looks of an older epoch are not recorded, and left out.
 */
export async function recordResults(
  db: Database,
  results: readonly Result[],
  now: number,
): Promise<Recorded[]> {
  const refreshed = await refresh(db, results)
  const done = new Set(refreshed.map((one) => one.hostId))
  const rest = results.filter((one) => !done.has(one.target.id))
  const asBefore = recordedOf(results, refreshed)
  if (rest.length === 0) return asBefore
  return db.transaction(async (client) => {
    const recorded = recordedOf(rest, await write(client, rest, now))
    await tellChanges(client, recorded)
    return [...asBefore, ...recorded]
  })
}

async function refresh(db: Queryable, results: readonly Result[]): Promise<ReadingBefore[]> {
  const seen = results.flatMap((result) => ('state' in result ? [seenPower(result)] : []))
  return seen.length > 0 ? refreshSeen(db, seen) : []
}

async function write(db: Queryable, results: readonly Result[], now: number): Promise<ReadingBefore[]> {
  const seen: SeenPower[] = []
  const failed: FailedLook[] = []
  for (const result of results) {
    if ('state' in result) {
      seen.push(seenPower(result))
    } else {
      const { id: hostId, epoch } = result.target
      const { failure, breaker } = result
      const { failures, refused, until } = breaker
      const unknown = isUnknown(breaker)
      failed.push({ hostId, epoch, failure, failures, refused, unknown, nextLook: Math.max(0, until - now) })
    }
  }
  return [
    ...(seen.length > 0 ? await recordSeen(db, seen) : []),
    ...(failed.length > 0 ? await recordFailed(db, failed) : []),
  ]
}

function seenPower({ target, at, state }: Result & { state: 'on' | 'off' }): SeenPower {
  return { hostId: target.id, epoch: target.epoch, state, age: performance.now() - at }
}

function recordedOf(results: readonly Result[], before: readonly ReadingBefore[]): Recorded[] {
  const byId = new Map(before.map((one) => [one.hostId, one]))
  return results.flatMap((result): Recorded[] => {
    const found = byId.get(result.target.id)
    if (!found) return []
    if ('state' in result)
      return [{ target: result.target, before: found, state: result.state, failed: null }]
    const { failure, breaker } = result
    const state = isUnknown(breaker) ? 'unknown' : found.state
    return [{ target: result.target, before: found, state, failed: { failure, breaker } }]
  })
}
