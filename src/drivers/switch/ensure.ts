import { FerruleError } from '../../domain/errors.ts'
import type { SwitchLease } from '../../domain/lease.ts'
import { differing, onlyPorts, type PortMap, portsToChange } from './diff.ts'
import { ownLags, refuseForeignLags } from './lags.ts'
import type { ManagedSwitch } from './managed-switch.ts'
import { describePort, samePort } from './port-state.ts'
import { PortsMoved } from './ports-moved.ts'
import { readAgain } from './reads.ts'
import { type Restored, restorePorts } from './restore.ts'
import type { PortResult } from './types.ts'
import { refuseMissingVlans } from './vlans.ts'

/** Somebody who writes the same port again and again is told to a person, and not outrun. */
const MAX_TRIES = 3

/**
 * read → diff → nothing to do? stop → apply → read back → compare → save → verify what was saved. Ports by canonical
 * name, already checked against the fence.
 *
 * When the switch refuses, or says yes and does something else, the state read before is put back (see restore.ts for
 * the exception) and the error carries all states in `details`: before, wanted, seen, restored. A write without an
 * answer is not repeated: what came of it is read. Only where the device proves that it wrote nothing, because somebody
 * else had changed the port since it was read, all begins anew, a few times.
 * @throws vlan-missing, switch-unreachable, switch-auth, switch-refused, switch-mismatch, lease-lost, not-found
 */
export async function ensurePorts(
  managed: ManagedSwitch,
  lease: SwitchLease,
  wanted: PortMap,
): Promise<PortResult[]> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ensureOnce(managed, lease, wanted)
    } catch (error) {
      if (!(error instanceof PortsMoved) || tries === MAX_TRIES) throw error
    }
  }
}

async function ensureOnce(
  managed: ManagedSwitch,
  lease: SwitchLease,
  wanted: PortMap,
): Promise<PortResult[]> {
  const { device } = managed
  const ports = [...wanted.keys()]
  const [before, vlans, lags] = await Promise.all([
    readAgain(() => device.readPorts(ports), managed.readRetryMs, lease.signal),
    readAgain(() => device.readVlans(), managed.readRetryMs, lease.signal),
    ownLags(managed, lease.signal),
  ])
  const target = onlyPorts(wanted, portsToChange(before, wanted, managed.fence))
  const attempt: Attempt = { managed, lease, wanted, before, changed: [...target.keys()] }
  let after: PortMap = before
  if (target.size > 0) {
    const present = new Set(vlans.map(({ vlan }) => vlan))
    refuseMissingVlans(managed, target, present)
    refuseForeignLags(managed, before, target, lags)
    const changes = device.plan(before, target, present, lags)
    after = await applied(attempt, () => device.apply(lease, changes))
  }
  if (device.capabilities.saveSeparate) await saved(attempt, after)
  return ports.map((port) => ({
    port,
    before: mustHave(before, port),
    after: mustHave(after, port),
    changed: target.has(port),
  }))
}

interface Attempt {
  managed: ManagedSwitch
  lease: SwitchLease
  wanted: PortMap
  before: PortMap
  changed: readonly string[]
}

async function applied(attempt: Attempt, apply: () => Promise<void>): Promise<PortMap> {
  const { managed, lease, wanted } = attempt
  const failure = await outcome(apply)
  // What is there now is the other writer's: there is nothing of ours to put back.
  if (failure instanceof PortsMoved) throw failure
  let seen: PortMap
  try {
    seen = await readAgain(
      () => managed.device.readPorts([...wanted.keys()]),
      managed.readRetryMs,
      lease.signal,
    )
  } catch (error) {
    throw failure ? withStates(failure, attempt, 'what the ports carry now is not known', {}) : error
  }
  const wrong = differing(seen, wanted)
  // The answer was lost, the work was done.
  if (wrong.length === 0 && (failure === null || failure.code === 'switch-unreachable')) return seen
  const error =
    failure ??
    new FerruleError(
      'switch-mismatch',
      `Switch ${managed.id} accepted the change, but ${mismatches(wrong, seen, wanted)}`,
      'Look at the port on the switch: somebody else may be writing it, or a feature of the port overrides it.',
      { switch: managed.id, ports: wrong },
    )
  throw await afterRestore(error, attempt, { seen: plain(seen) })
}

/** A reboot brings back what was saved, an old tenant's VLAN too, so the saved state is part of the wanted one. */
async function saved(attempt: Attempt, running: PortMap): Promise<void> {
  const { managed, lease, wanted } = attempt
  const ports = [...wanted.keys()]
  const read = () => readAgain(() => managed.device.readSavedPorts(ports), managed.readRetryMs, lease.signal)
  if (attempt.changed.length === 0 && unsaved(await read(), running).length === 0) return
  const failure = await outcome(() => managed.device.save(lease))
  let seen: PortMap
  try {
    seen = await read()
  } catch (error) {
    throw failure
      ? withStates(failure, attempt, 'what was saved is not known', { running: plain(running) })
      : error
  }
  const wrong = unsaved(seen, running)
  if (wrong.length === 0 && (failure === null || failure.code === 'switch-unreachable')) return
  const error =
    failure ??
    new FerruleError(
      'switch-mismatch',
      `Switch ${managed.id} accepted the save, but its saved configuration has another state: ${mismatches(wrong, seen, running)}`,
      'Check the space on the flash of the switch and that its start-up configuration can be written.',
      { switch: managed.id, ports: wrong },
    )
  throw await afterRestore(error, attempt, { seen: plain(running), saved: plain(seen) })
}

/** Null when the write was accepted. A lost lease ends everything: without it nothing may be written, no restore. */
async function outcome(write: () => Promise<void>): Promise<FerruleError | null> {
  try {
    await write()
    return null
  } catch (error) {
    if (error instanceof FerruleError && error.code !== 'lease-lost') return error
    throw error
  }
}

async function afterRestore(
  error: FerruleError,
  attempt: Attempt,
  states: Record<string, unknown>,
): Promise<FerruleError> {
  const restored = await restorePorts(attempt.managed, attempt.lease, attempt)
  return withStates(error, attempt, restored.said, { ...states, restored: restoredDetails(restored) })
}

function restoredDetails({ ok, now, kept }: Restored): Record<string, unknown> {
  return { ok, kept, now: now === null ? null : plain(now) }
}

function withStates(
  error: FerruleError,
  attempt: Attempt,
  said: string,
  states: Record<string, unknown>,
): FerruleError {
  return new FerruleError(error.code, `${error.message}; ${said}`, error.remedy, {
    switch: attempt.managed.id,
    ...error.details,
    before: plain(attempt.before),
    wanted: plain(attempt.wanted),
    ...states,
  })
}

function unsaved(saved: PortMap, running: PortMap): string[] {
  return [...running.keys()].filter((port) => {
    const stored = saved.get(port)
    const live = mustHave(running, port)
    return !stored || !samePort(stored, live) || (stored.prepared ?? true) !== (live.prepared ?? true)
  })
}

function mismatches(ports: readonly string[], seen: PortMap, wanted: PortMap): string {
  return ports
    .map(
      (port) => `${port} shows ${describePort(seen.get(port))} instead of ${describePort(wanted.get(port))}`,
    )
    .join('; ')
}

function plain(states: PortMap): Record<string, unknown> {
  return Object.fromEntries([...states])
}

function mustHave(states: PortMap, port: string) {
  const state = states.get(port)
  if (!state) throw new Error(`the driver returned no state for ${port}`)
  return state
}
