import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import type { HostLease, SwitchLease } from '../domain/lease.ts'
import { checkHold, takeSwitchLease } from '../store/holds.ts'
import { claimHost } from '../store/hosts.ts'
import type { Tools } from './tools.ts'

/** The part of a step's context that names the host: from the input, or chosen by an earlier step. */
export interface HostContext {
  operation: { id: string }
  input: { hostId?: string }
  state: object
}

function hostIdOf({ state, input }: HostContext): string | undefined {
  return 'hostId' in state && typeof state.hostId === 'string' ? state.hostId : input.hostId
}

/** The host of this operation, and the proof that we hold it. Every step that touches a device begins with it. */
export async function holdHost(
  tools: Tools,
  context: HostContext,
): Promise<{ host: Host; lease: HostLease }> {
  const hostId = hostIdOf(context)
  if (!hostId)
    throw new FerruleError(
      'internal',
      'the operation has no host yet',
      'Report this with the operation number.',
    )
  const claim = () => claimHost(tools.db, hostId, context.operation.id, tools.executor, tools.policy.leaseMs)
  const first = await claim()
  // the last device call of the replica before us may still be on its way, and change what we have read
  if (first.tookOver) await tools.sleep(tools.policy.deadlines.deviceTimeout)
  const { host } = first.tookOver ? await claim() : first
  return { host, lease: hostLease(tools, hostId, context.operation.id) }
}

/** As holdHost, for an undo that may run before any host was chosen. */
export async function holdHostIfAny(
  tools: Tools,
  context: HostContext,
): Promise<{ host: Host; lease: HostLease } | null> {
  return hostIdOf(context) ? holdHost(tools, context) : null
}

function hostLease(tools: Tools, hostId: string, operationId: string): HostLease {
  return {
    kind: 'host',
    id: hostId,
    holder: operationId,
    signal: tools.leaseSignal,
    check: () => checkHold(tools.db, hostId, operationId, tools.executor, tools.policy.leaseMs),
  }
}

/** Proofs under way, per database and then per switch. */
const proofs = new WeakMap<Tools['db'], Map<string, Promise<boolean>>>()

/**
 * Is the switch ours to write? The lease belongs to the replica, not to one operation, and lasts a minute: so operations
 * that write one batch together share the proof that is being made at the moment.
 */
function proveSwitch({ db, executor, policy }: Tools, switchId: string): Promise<boolean> {
  const running = proofs.get(db) ?? new Map<string, Promise<boolean>>()
  proofs.set(db, running)
  const known = running.get(switchId)
  if (known) return known
  const proof = takeSwitchLease(db, switchId, executor, policy.deadlines.switchLease).finally(() =>
    running.delete(switchId),
  )
  running.set(switchId, proof)
  return proof
}

/** Waits until this replica may write the switch, does the work, and keeps the lease for the next caller of this replica. */
export async function withSwitch<T>(
  tools: Tools,
  switchId: string,
  operationId: string,
  work: (lease: SwitchLease) => Promise<T>,
): Promise<T> {
  const { switchLease } = tools.policy.deadlines
  const giveUp = tools.now() + 4 * switchLease
  while (!(await proveSwitch(tools, switchId))) {
    if (tools.now() > giveUp) {
      throw new FerruleError(
        'switch-unreachable',
        `switch ${switchId} is being written by another replica for too long`,
        'Look at the other replica; this goes on by itself once it lets go.',
      )
    }
    await tools.sleep(tools.policy.poll.lease)
  }
  const lease: SwitchLease = {
    kind: 'switch',
    id: switchId,
    holder: operationId,
    signal: tools.leaseSignal,
    check: async () => {
      if (!(await proveSwitch(tools, switchId))) {
        throw new FerruleError(
          'lease-lost',
          `this replica no longer holds switch ${switchId}`,
          'Nothing to do: the replica that holds it goes on.',
        )
      }
    },
  }
  return work(lease)
}
