import { setTimeout as sleep } from 'node:timers/promises'
import { FerruleError } from '../../../../domain/errors.ts'
import type { SwitchLease } from '../../../../domain/lease.ts'
import { describePort } from '../../port-state.ts'
import { PortsMoved } from '../../ports-moved.ts'
import type { SwitchTimeouts } from '../../types.ts'
import { mismatch, notUnderstood, refused } from '../errors.ts'
import { type PortConfig, portState, sameConfig } from '../model.ts'
import type { Edits, PortEdit } from '../plan.ts'
import { answered } from './answered.ts'
import type { Reply } from './reply.ts'
import type { NetconfSession } from './session.ts'
import { parseSnapshot } from './snapshot.ts'
import type { NetconfTraits } from './traits.ts'
import { Undecided } from './undecided.ts'
import {
  cancelCommit,
  commit,
  commitConfirmed,
  type Datastore,
  discardChanges,
  editConfig,
  getConfig,
  lock,
  unlock,
} from './words.ts'

interface Job {
  session: NetconfSession
  address: string
  traits: NetconfTraits
  timeouts: SwitchTimeouts
  lease: SwitchLease
}

const LOCK_AGAIN_MS = 250

/**
 * lock → is it still what was read? → edit → commit, and where the device can take a commit back by itself: read what came
 * of it, and only then confirm. `<validate>` is not sent: a commit validates (RFC 6241 §8.3.4.1), and yuma's netconfd
 * commits nothing after it, with `ok` at every step. After an error the session must be closed.
 * @throws switch-unreachable, switch-refused, switch-auth, PortsMoved (nothing was written), switch-mismatch (the device
 * has taken it back), lease-lost, Undecided
 */
export async function writeEdits(job: Job, edits: Edits): Promise<void> {
  const { session, traits, lease } = job
  const target = traits.candidate ? 'candidate' : 'running'
  const stores = locks(traits)
  await lease.check()
  for (const store of stores) await locked(job, store)
  const moved = edits.ports.filter(byReading(await readPorts(job), traits, ({ before }) => before))
  if (moved.length > 0)
    throw new PortsMoved(
      job.address,
      moved.map(({ port }) => port),
    )
  await lease.check()
  try {
    await call(job, `edit-config ${describe(edits)}`, editConfig(target, edits, traits))
    if (traits.confirmedCommit) await committedAndSeen(job, edits)
    else if (traits.candidate) {
      await lease.check()
      await call(job, 'commit', commit)
    }
  } catch (error) {
    // A candidate is shared: what was not committed must not be found in it by the next one.
    if (traits.candidate && !session.ended) await session.rpc(discardChanges).catch(() => undefined)
    throw error
  }
  for (const store of stores.toReversed()) await call(job, `unlock ${store}`, unlock(store))
}

async function committedAndSeen(job: Job, edits: Edits): Promise<void> {
  const { address, traits, lease, timeouts } = job
  // Time to read back, to prove the lease and to confirm.
  const seconds = Math.max(2, Math.ceil((2 * timeouts.requestMs) / 1_000))
  const undecided = (reason: FerruleError) =>
    new Undecided(reason, { address, edits, dialect: traits.dialect, windowMs: seconds * 1_000 })
  await lease.check()
  const begun = await unlessFault(() => call(job, 'commit confirmed', commitConfirmed(seconds)))
  // An answer that says no is one: nothing was begun.
  if (begun instanceof FerruleError)
    throw begun.code === 'switch-refused' || begun.code === 'switch-auth' ? begun : undecided(begun)
  const confirmed = await unlessFault(async () => {
    const seen = await readPorts(job)
    const wrong = edits.ports.filter(byReading(seen, traits, ({ wanted }) => wanted))
    if (wrong.length > 0) return wrong.map((edit) => told(edit, seen, traits))
    await lease.check()
    await call(job, 'commit', commit)
    await nothingWaits(job, edits)
    return []
  })
  // it has taken back by our word what it only said that it had confirmed
  if (confirmed instanceof FerruleError)
    throw confirmed.code === 'switch-mismatch' ? confirmed : undecided(confirmed)
  if (confirmed.length === 0) return
  const ports = edits.ports.map(({ port }) => port)
  const failure = mismatch(
    address,
    `${confirmed.join('; ')}. It was not confirmed, and the switch takes it back`,
    ports,
  )
  if (!traits.cancelCommit) throw undecided(failure)
  const cancelled = await unlessFault(() => call(job, 'cancel-commit', cancelCommit))
  throw cancelled instanceof FerruleError ? undecided(failure) : failure
}

/**
 * A switch may say `ok` to a confirmation, and confirm nothing: the change would be gone with the session. What waits for
 * one is what `<cancel-commit>` takes back (RFC 6241 §8.4.4.1); where nothing waits it is refused, or does nothing.
 * @throws switch-mismatch: it waited, and is taken back now
 */
async function nothingWaits(job: Job, edits: Edits): Promise<void> {
  const { traits, session, lease, address } = job
  if (!traits.cancelCommit) return
  await lease.check()
  const reply = await session.rpc(cancelCommit, lease.signal)
  if (reply.errors.length > 0) return
  const seen = await readPorts(job)
  const wrong = edits.ports.filter(byReading(seen, traits, ({ wanted }) => wanted))
  if (wrong.length === 0) return
  const said = wrong.map((edit) => told(edit, seen, traits)).join('; ')
  throw mismatch(
    address,
    `${said}. It said that it had confirmed the change, and had not`,
    edits.ports.map(({ port }) => port),
  )
}

/**
 * Where running can only change by a commit, the lock on the candidate keeps others out, and one on running does harm:
 * yuma's netconfd cannot take a commit back as long as running is locked.
 */
function locks({ candidate, writableRunning }: NetconfTraits): readonly Datastore[] {
  if (!candidate) return ['running']
  return writableRunning ? ['running', 'candidate'] : ['candidate']
}

/** Others hold a lock for moments. @throws switch-refused if it is still denied after the time of a request */
async function locked(job: Job, store: Datastore): Promise<void> {
  const { session, lease, timeouts, address } = job
  const until = performance.now() + timeouts.requestMs
  for (;;) {
    const reply = await session.rpc(lock(store), lease.signal)
    const [error] = reply.errors
    if (error?.tag !== 'lock-denied' || performance.now() > until) {
      if (error?.tag !== 'lock-denied') return void answered(address, `lock ${store}`, reply)
      const holder =
        error.session === null || error.session === '0' ? 'somebody else' : `NETCONF session ${error.session}`
      throw refused(
        address,
        `lock ${store}`,
        `${holder} has it, or has left uncommitted changes in it (${error.said})`,
      )
    }
    await sleep(LOCK_AGAIN_MS)
  }
}

async function call(job: Job, what: string, operation: string): Promise<Reply> {
  return answered(job.address, what, await job.session.rpc(operation, job.lease.signal))
}

async function readPorts(job: Job): Promise<ReadonlyMap<string, PortConfig>> {
  const reply = await call(job, 'get-config running', getConfig('running', job.traits))
  try {
    return parseSnapshot(reply.data, false).ports
  } catch (error) {
    throw notUnderstood(job.address, error instanceof Error ? error.message : String(error))
  }
}

/** A filter for the edits whose port is not as `expected` says. */
function byReading(
  seen: ReadonlyMap<string, PortConfig>,
  { dialect }: NetconfTraits,
  expected: (edit: PortEdit) => PortConfig,
): (edit: PortEdit) => boolean {
  return (edit) => {
    const now = seen.get(edit.port)
    return now === undefined || !sameConfig(now, expected(edit), dialect)
  }
}

function told(
  { port, wanted }: PortEdit,
  seen: ReadonlyMap<string, PortConfig>,
  { dialect }: NetconfTraits,
): string {
  const now = seen.get(port)
  const shows = describePort(now && portState(now, dialect))
  return `${port} shows ${shows} instead of ${describePort(portState(wanted, dialect))}`
}

function describe(edits: Edits): string {
  return edits.ports.map(({ port }) => port).join(', ')
}

/** What went wrong with the device or the lease, as a value. */
async function unlessFault<T>(work: () => Promise<T>): Promise<T | FerruleError> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof FerruleError) return error
    throw error
  }
}
