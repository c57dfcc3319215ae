import type { Attention } from './host.ts'
import type { InstanceState } from './instance.ts'

/** A host as far as it matters to what its power should be. No operation has it. */
export interface PowerFacts {
  host: string
  instance: { name: string; state: InstanceState } | null
  inPool: boolean
  readOnly: boolean
}

/** Null: nothing is wanted of it, as while an instance is on its way from one state to the next. */
export function wantedPower({ instance, inPool, readOnly }: PowerFacts): 'on' | 'off' | null {
  if (readOnly) return null
  if (instance?.state === 'running') return 'on'
  if (instance?.state === 'stopped') return 'off'
  if (instance === null && inPool) return 'off'
  return null
}

export interface Mismatch {
  attention: Omit<Attention, 'since'>
  /** What puts it right: the saga of the instance, or an erase where nobody knows what ran there. */
  remedy: 'start' | 'stop' | 'erase'
}

/** Null: as it should be, or nobody can tell. */
export function mismatch(facts: PowerFacts, observed: 'on' | 'off' | 'unknown'): Mismatch | null {
  const wanted = wantedPower(facts)
  if (wanted === null || observed === 'unknown' || observed === wanted) return null
  const { host, instance } = facts
  if (instance === null) {
    return {
      remedy: 'erase',
      attention: {
        code: 'stray-power',
        message: `${host} is on, although it carries no instance: switched on, not by Ferrule`,
        remedy: `Find out who did it; what ran there may have written to its disks. "ferrule host erase ${host}" switches it off and erases it.`,
      },
    }
  }
  if (wanted === 'off') {
    return {
      remedy: 'stop',
      attention: {
        code: 'stray-power',
        message: `${host} is on, although ${instance.name} is stopped`,
        remedy: `Stop or start ${instance.name}; its ports are out of every tenant network meanwhile.`,
      },
    }
  }
  return {
    remedy: 'start',
    attention: {
      code: 'power-lost',
      message: `${host} is off, although ${instance.name} should run: switched off, not by Ferrule, or shut down from within`,
      remedy: `Stop ${instance.name} and start it again, or "ferrule host set ${host} --power-policy enforce" to have it started.`,
    },
  }
}

/** Operations that this policy has begun on the host, and on all hosts. */
export interface Enforcements {
  /** Of this host, lately. */
  count: number
  /** Milliseconds since the last one of this host; null: none lately. */
  sinceLast: number | null
  /** Of all hosts, within `gapMs`: a whole rack that comes back must not start all at once. */
  everywhere: number
}

export interface EnforceRules {
  /** The mismatch must have been seen for as long: one look is not enough to act on. Milliseconds. */
  patienceMs: number
  /** Least time between two of one host. Milliseconds. */
  gapMs: number
  /** So many of one host lately, and it is left to a person. */
  limit: number
  /** So many of all hosts within one gap. */
  everywhere: number
}

export type Enforcement = 'go' | 'wait' | 'give-up'

/** @param seenFor how long the power has been as it is. Milliseconds. */
export function mayEnforce(seenFor: number, before: Enforcements, rules: EnforceRules): Enforcement {
  if (before.count >= rules.limit) return 'give-up'
  if (seenFor < rules.patienceMs) return 'wait'
  if (before.sinceLast !== null && before.sinceLast < rules.gapMs) return 'wait'
  return before.everywhere >= rules.everywhere ? 'wait' : 'go'
}

export function gaveUp({ attention }: Mismatch, host: string, limit: number): Omit<Attention, 'since'> {
  return {
    code: attention.code,
    message: `${attention.message}; it was put right ${limit} times and did not stay so`,
    remedy: `Look at the console of ${host} and at its power supply; it is left alone until tomorrow.`,
  }
}

/** Attentions that come and go with what is seen of a host's power. */
export const powerAttentions: readonly string[] = [
  'stray-power',
  'power-lost',
  'power-unknown',
  'power-refused',
]
