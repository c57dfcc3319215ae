import { FerruleError } from '../../src/domain/errors.ts'
import type { Interference, StepRecord } from '../../src/saga/types.ts'

type Point = StepRecord & { ref: string }
export type Rule = (point: Point, body: () => Promise<unknown>) => Promise<unknown>

/** What a saga is made to suffer, and what of it was really run. */
export interface Plan {
  rule: Rule
  /** `do ports`, `undo power-on`, … with how often the plan's rule acted there. */
  hits: Map<string, number>
}

/**
 * Wraps every step of sagas that were declared `watched`: such an operation waits at its first step until the test has
 * said what is to happen to it, so that no step slips by before the plan is known.
 */
export class Faults implements Interference {
  private readonly plans = new Map<string, Plan>()
  private readonly waiting = new Map<string, () => void>()
  private watched: ReadonlySet<string>

  constructor(watched: readonly string[]) {
    this.watched = new Set(watched)
  }

  /** From now on these sagas, and no others. */
  watch(refs: readonly string[]): void {
    this.watched = new Set(refs)
  }

  /** Must be called for every operation of a watched saga. */
  assign(operationId: string, plan: Plan): void {
    this.plans.set(operationId, plan)
    this.waiting.get(operationId)?.()
  }

  async around(point: Point, body: () => Promise<unknown>): Promise<unknown> {
    if (!this.watched.has(point.ref)) return body()
    let plan = this.plans.get(point.operationId)
    if (!plan) {
      await new Promise<void>((resolve) => this.waiting.set(point.operationId, resolve))
      plan = this.plans.get(point.operationId)
    }
    return plan ? plan.rule(point, body) : body()
  }
}

export function injected(text: string): FerruleError {
  return new FerruleError('check-failed', `injected: ${text}`, 'Nothing: a test did it.')
}

function plan(make: (hit: (key: string) => number) => Rule): Plan {
  const hits = new Map<string, number>()
  const hit = (key: string) => {
    const count = (hits.get(key) ?? 0) + 1
    hits.set(key, count)
    return count
  }
  return { rule: make(hit), hits }
}

export const plain = (): Plan => plan(() => (_, body) => body())

/** The step fails so many times, before it did anything or after it did everything, and then heals. */
export function failAt(step: string, when: 'before' | 'after', times = 1): Plan {
  return plan((hit) => async (point, body) => {
    if (point.direction !== 'do' || point.name !== step || hit(`do ${step}`) > times) return body()
    if (when === 'after') await body()
    throw injected(`${step} fails ${when} its effect`)
  })
}

/** Every step, the end included, is run twice in a row: as if a replica died between its effect and its record. */
export function everyStepTwice(): Plan {
  return plan((hit) => async (point, body) => {
    hit(`${point.direction} ${point.name}`)
    await body()
    return body()
  })
}

/** `step` fails for good after its effect, and every undo is run twice. */
export function everyUndoTwice(step: string): Plan {
  return plan((hit) => async (point, body) => {
    if (point.direction === 'do') {
      const output = await body()
      if (point.name === step) throw injected(`${step} fails after its effect`)
      return output
    }
    hit(`undo ${point.name}`)
    await body()
    return body()
  })
}

/** `step` fails for good, and every undo fails `times` times after its effect, which parks the operation, and then heals. */
export function everyUndoFails(step: string, times: number): Plan {
  return plan((hit) => async (point, body) => {
    const output = await body()
    if (point.direction === 'do') {
      if (point.name === step) throw injected(`${step} fails after its effect`)
      return output
    }
    if (hit(`undo ${point.name}`) <= times) throw injected(`undo of ${point.name} fails`)
    return output
  })
}

/** Runs `act` once, in the middle of the operation: right after the step's effect, before the step ends. */
export function during(step: string, act: () => Promise<unknown>): Plan {
  const hits = new Map<string, number>()
  return {
    hits,
    async rule(point, body) {
      const output = await body()
      if (point.direction === 'do' && point.name === step && !hits.has(step)) {
        hits.set(step, 1)
        await act()
      }
      return output
    },
  }
}
