import { createHash } from 'node:crypto'
import type { RecoveryPlan } from '../domain/recovery/plan.ts'

/** What a recovery would record: what is shown, and what is confirmed. */
export interface RecoveryView {
  /** Of all that is shown here: whoever confirms it confirms this. */
  fingerprint: string
  numbers: { inMaas: number; ours: number; next: number }
  hosts: {
    host: string
    verdict: 'as-recorded' | 'rebuilt' | 'attention'
    records: string
    world: string[]
    changes: string[]
  }[]
  instances: { instance: string; from: string; to: string }[]
  operations: { number: number; kind: string; host: string | null; instance: string | null }[]
  notes: string[]
}

export function toView(plan: RecoveryPlan): RecoveryView {
  const shown = {
    numbers: plan.numbers,
    hosts: plan.hosts.map(({ facts, verdict, records, world, changes }) => ({
      host: facts.recorded.host.name,
      verdict,
      records,
      world,
      changes,
    })),
    instances: plan.instances.map(({ instance, state }) => ({
      instance: instance.name,
      from: instance.state,
      to: state,
    })),
    operations: plan.operations.map(({ number, kind, host, instance }) => ({ number, kind, host, instance })),
    notes: plan.notes,
  }
  const fingerprint = createHash('sha256').update(JSON.stringify(shown)).digest('hex').slice(0, 16)
  return { fingerprint, ...shown }
}
