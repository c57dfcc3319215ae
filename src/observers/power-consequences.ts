import type { Attention } from '../domain/host.ts'
import { dirtyKeys } from '../domain/host.ts'
import type { LookFailure } from '../domain/power-breaker.ts'
import { type Breaker, breakerAttention } from '../domain/power-breaker.ts'
import { powerChange } from '../domain/power-change.ts'
import type { Mismatch } from '../domain/power-policy.ts'
import { gaveUp, mayEnforce, mismatch, powerAttentions } from '../domain/power-policy.ts'
import type { PowerRules } from '../domain/power-rules.ts'
import type { Services } from '../services/context.ts'
import { enforcePower, powerPolicyCaller } from '../services/power.ts'
import type { Queryable } from '../store/database.ts'
import { insertEvents } from '../store/events.ts'
import { markDirty } from '../store/holds.ts'
import { hostById } from '../store/hosts.ts'
import type { ReadingBefore } from '../store/power-readings.ts'
import type { LookTarget } from '../store/power-watch.ts'
import { enforcements, setPowerAttention } from '../store/power-watch.ts'

/** A look that was recorded, and what had been recorded before. */
export interface Recorded {
  target: LookTarget
  before: ReadingBefore
  state: 'on' | 'off' | 'unknown'
  failed: { failure: LookFailure; breaker: Breaker } | null
}

export async function tellChanges(db: Queryable, recorded: readonly Recorded[]): Promise<void> {
  const events = recorded.flatMap(({ target, before, state, failed }) => {
    const change = powerChange(target.name, before, state, failed?.failure ?? null)
    return change ? [{ ...change, hostId: target.id, instanceId: target.instance?.id ?? null }] : []
  })
  if (events.length > 0) await insertEvents(db, events)
}

/** Asks for attention, and has a mismatch put right where the policy of the host says so. */
export async function attend(services: Services, one: Recorded, rules: PowerRules['enforce']): Promise<void> {
  const { target, state, failed } = one
  if (failed) {
    const wanted = breakerAttention(failed.breaker, failed.failure, target.name)
    // a few failures are no reason to take back what is known about the host
    if (wanted) await setAttention(services, target, wanted)
    return
  }
  const { instance, inPool, readOnly } = target
  const found = mismatch({ host: target.name, instance, inPool, readOnly }, state)
  if (!found) return setAttention(services, target, null)
  if (found.remedy === 'erase' && target.attention?.code !== found.attention.code)
    await distrustDisks(services, target)
  const given = target.policy === 'enforce' ? await enforce(services, one, found, rules) : 'reported'
  await setAttention(
    services,
    target,
    given === 'give-up' ? gaveUp(found, target.name, rules.limit) : found.attention,
  )
}

/** Whatever ran there without an operation of ours may have written to the disks. */
async function distrustDisks({ tools }: Services, target: LookTarget): Promise<void> {
  const host = await hostById(tools.db, target.id)
  if (host)
    await markDirty(tools.db, dirtyKeys(host), 'it was found on without any operation of Ferrule', null)
}

async function enforce(
  services: Services,
  { target, before }: Recorded,
  found: Mismatch,
  rules: PowerRules['enforce'],
): Promise<'give-up' | 'wait' | 'begun'> {
  const { db } = services.tools
  const lately = { withinMs: rules.latelyMs, gapMs: rules.gapMs }
  const past = await enforcements(db, target.id, powerPolicyCaller.name, lately)
  const decision = mayEnforce(before.sinceMs, past, rules)
  if (decision !== 'go') return decision
  const operation = await enforcePower(services, target.id, target.instance?.id ?? null, found.remedy)
  if (!operation) return 'wait'
  await insertEvents(db, [
    {
      kind: 'host.power-enforced',
      hostId: target.id,
      instanceId: target.instance?.id ?? null,
      message: `${found.attention.message}: its power policy has begun ${operation.kind} ${operation.number}`,
    },
  ])
  return 'begun'
}

async function setAttention(
  { tools }: Services,
  target: LookTarget,
  attention: Omit<Attention, 'since'> | null,
): Promise<void> {
  const now = target.attention
  if (attention === null && (now === null || !powerAttentions.includes(now.code))) return
  if (attention !== null && attention.code === now?.code && attention.message === now.message) return
  const since = new Date(tools.now()).toISOString()
  await setPowerAttention(tools.db, target.id, attention && { ...attention, since }, powerAttentions)
}
