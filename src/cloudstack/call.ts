import { FerruleError } from '../domain/errors.ts'
import type { Instance, InstanceState } from '../domain/instance.ts'
import type { Caller, Services } from '../services/context.ts'
import { why } from '../services/why.ts'
import { claimInstance, instanceByExternalId } from '../store/instances.ts'
import type { Operation } from '../store/operations.ts'
import { failedOperation, latestOperation, requestCancel } from '../store/operations.ts'
import type { Answer } from './answers.ts'
import { refused } from './answers.ts'
import type { CloudstackVm } from './payload.ts'

/** One call of CloudStack, as long as its process lives. */
export interface Call {
  services: Services
  caller: Caller
  vm: CloudstackVm
  /** What the log has it under; CloudStack's own log has it too. */
  id: string
  /** Where a browser reaches Ferrule; null: not known. */
  publicUrl(): string | null
  /** When it must have answered: shortly before CloudStack's own time-out. Milliseconds since the epoch. */
  by: number
  /** Aborts when CloudStack killed the process: nobody reads the answer any more. */
  gone: AbortSignal
  /** The same call once more, with what is true now. */
  again(): Promise<Answer>
}

/** A VM as the table of calls sees it. `none`: never here, or destroyed. `deploying` includes an unfinished start. */
export type VmState = 'none' | Exclude<InstanceState, 'destroyed'>

/** What is known of the VM now. */
export interface Found {
  state: VmState
  instance: Instance | null
  /** The operation that is at work on it; null: none. */
  operation: Operation | null
  /** That, or the last one that was. */
  latest: Operation | null
}

/** A rule's view: every state but `none` has an instance. */
export interface Present extends Found {
  instance: Instance
}

const LOOK_EVERY = 100

export async function look({ services, vm }: Call): Promise<Found> {
  const instance = await instanceByExternalId(services.tools.db, vm.uuid)
  if (!instance || instance.state === 'destroyed')
    return { state: 'none', instance: null, operation: null, latest: null }
  const latest = await latestOperation(services.tools.db, { instanceId: instance.id })
  const operation = latest && !latest.endedAt ? latest : null
  // a failed VM is over for CloudStack, however long its last host takes to be erased
  const parked = operation?.parked && instance.state !== 'failed'
  return { state: parked ? 'parked' : instance.state, instance, operation, latest }
}

/** Looks until it is as wanted; null when the time is over or nobody waits any more. An attached call says so meanwhile. */
export async function waitFor(
  call: Call,
  until: (found: Found) => boolean,
  options: { claim?: string } = {},
): Promise<Found | null> {
  const { tools } = call.services
  const claimEvery = Math.max(LOOK_EVERY, tools.policy.deadlines.claim / 10)
  let claimed = Number.NEGATIVE_INFINITY
  for (;;) {
    if (call.gone.aborted) return null
    if (options.claim && tools.now() - claimed >= claimEvery) {
      await claimInstance(tools.db, options.claim)
      claimed = tools.now()
    }
    const found = await look(call)
    if (until(found)) return found
    if (tools.now() >= call.by) return null
    await tools.sleep(LOOK_EVERY)
  }
}

/** Asks an operation that the call contradicts to end, and waits for it: a call never queues behind it. */
export async function cancelAndWait(call: Call, operation: Operation, reason: string): Promise<boolean> {
  const { db, starter } = call.services.tools
  await requestCancel(db, operation.id, reason)
  await starter.wake(operation.id, {})
  const ended = await waitFor(
    call,
    (found) => found.operation?.id !== operation.id || found.state === 'parked',
  )
  return ended !== null && ended.state !== 'parked'
}

/** Off, and out of every tenant VLAN; its disks may still be wiping. Of an unfinished start only its end says so. */
export function isClear({ state, instance, operation }: Found): boolean {
  if (state === 'none' || state === 'failed' || state === 'stopped') return true
  if (state === 'running' || state === 'deploying') return false
  if (state === 'undoing' && operation?.kind !== 'deploy' && operation?.kind !== 'reinstall') return false
  return instance !== null && instance.clearAt !== null
}

/**
 * A deployment or a start that is newer than operation `number`: it can only have begun once the VM was clear, however
 * short that was.
 */
export function begunSince({ latest }: Found, number: number): boolean {
  return latest !== null && (latest.kind === 'deploy' || latest.kind === 'start') && latest.number > number
}

/** Another call or operation was faster: what is true now decides. */
export function overtaken(error: unknown): boolean {
  return (
    error instanceof FerruleError &&
    (error.code === 'wrong-state' || error.code === 'held' || error.code === 'conflict')
  )
}

/** With the error that an operation ended with, or is parked at; without one: with what it is still at. */
export async function refusedWith(call: Call, operation: Operation | null, lead: string): Promise<Answer> {
  const error = operation?.error ?? operation?.parked?.error ?? null
  return error && operation ? refused(error, operation.number) : stillAt(call, lead)
}

/** The same words as everywhere else: what blocks, and the one thing to do. */
export async function refusedWithWhy(call: Call, { instance }: Present, lead = ''): Promise<Answer> {
  const { summary, blocks, action } = await why(call.services, 'instance', instance.id)
  const message = [summary, blocks].flatMap((part) => (part ? [part.replace(/\.$/, '')] : [])).join('. ')
  return refused({ message: `${lead}${message}`, remedy: action ?? '' }, await concerns(call, instance))
}

/** Number of the operation that is at work on it, or whose error it carries: what there is to look at. */
export async function concerns({ services }: Call, { id, error }: Instance): Promise<number | null> {
  const { db } = services.tools
  const failed = error ? await failedOperation(db, id) : null
  if (failed) return failed.number
  const latest = await latestOperation(db, { instanceId: id })
  return latest && !latest.endedAt ? latest.number : null
}

/** The time of the call is over, and what it waits for goes on. */
export async function stillAt(call: Call, lead: string): Promise<Answer> {
  const { instance, ...found } = await look(call)
  return instance ? refusedWithWhy(call, { ...found, instance }, `${lead}: `) : refused(lead)
}
