import type { Instance } from '../instance.ts'
import { describeHost, type HostStory } from './describe.ts'
import type {
  HostFacts,
  HostOutcome,
  InstanceOutcome,
  KnownInstance,
  LiveOperation,
  RecoveryFacts,
} from './facts.ts'
import { judgeHost } from './outcome.ts'
import { lostInstance } from './tenant.ts'

/**
 * Numbers of the new life begin so far above MAAS's highest: a machine forgets its operation when it is released, so
 * the highest number that was ever given out is not known, and none may be given twice.
 */
const NUMBER_MARGIN = 1000

/** What a recovery would record, host by host, and why. Whoever confirms it confirms exactly this. */
export interface RecoveryPlan {
  numbers: { inMaas: number; ours: number; next: number }
  hosts: HostPlan[]
  /** Instances of the records that no host carries. */
  instances: InstanceOutcome[]
  /** Ended as lost: what they would do next was worked out from facts that are old. */
  operations: LiveOperation[]
  notes: string[]
}

export interface HostPlan extends HostStory {
  facts: HostFacts
  outcome: HostOutcome
}

export function planRecovery(facts: RecoveryFacts, newId: (mac: string) => string): RecoveryPlan {
  const { numbers, networks } = facts
  const claims = resolveClaims(facts)
  const names = new Map(facts.instances.map(({ instance }) => [instance.id, instance.name]))
  const hosts = facts.hosts.map((host) => {
    const outcome = judgeHost({ facts: host, claimed: claims.get(host) ?? null, networks, newId })
    return { facts: host, outcome, ...describeHost(host, outcome, networks, (id) => names.get(id) ?? null) }
  })
  const placed = new Set(
    hosts.flatMap(({ outcome }) => [outcome.tenant?.instance.id, outcome.lost?.instance.id]),
  )
  return {
    numbers: { ...numbers, next: Math.max(numbers.inMaas, numbers.ours) + NUMBER_MARGIN },
    hosts,
    instances: facts.instances
      .filter(({ instance }) => !placed.has(instance.id) && !isSettled(instance))
      .map((known) => lostInstance(known, null)),
    operations: [...facts.operations],
    notes: [...facts.notes],
  }
}

/** Without a host, and nothing is expected of it any more. */
function isSettled({ state }: Instance): boolean {
  return state === 'failed' || state === 'destroyed'
}

/** An instance is on one host: where two machines name it, the one of the records has it, else the latest operation. */
function resolveClaims({ hosts, instances }: RecoveryFacts): Map<HostFacts, KnownInstance> {
  const known = new Map(instances.map((one) => [one.instance.id, one]))
  const claims = new Map<string, HostFacts>()
  for (const host of hosts) {
    const id = host.seen.machine?.instanceId
    if (!id || !known.has(id)) continue
    const other = claims.get(id)
    if (!other || isStronger(host, other, id)) claims.set(id, host)
  }
  return new Map(
    [...claims].flatMap(([id, host]) => {
      const one = known.get(id)
      return one ? [[host, one] as const] : []
    }),
  )
}

function isStronger(host: HostFacts, other: HostFacts, instanceId: string): boolean {
  const recorded = ({ recorded }: HostFacts) => recorded.tenant?.instance.id === instanceId
  if (recorded(host) !== recorded(other)) return recorded(host)
  return (host.seen.machine?.operation ?? 0) > (other.seen.machine?.operation ?? 0)
}
