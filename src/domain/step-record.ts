/** A step of an operation as its journal has it, in the order in which they began. */
export interface JournalledStep {
  direction: 'do' | 'undo'
  startedAt: string
  endedAt: string | null
  /** What it hands on to later steps; null: nothing, or not done yet. */
  output: unknown
}

export interface StepRecord<Event> {
  /** What the steps before had handed on when it began; what the operation was asked for comes on top. */
  input: Record<string, unknown>
  /** Null: it has not ended. */
  tookMs: number | null
  /** What was noted while it was at work, the oldest first. */
  evidence: Event[]
}

/**
 * What each step was given, how long it took, and what was seen in it. One step runs at a time, and the next begins at
 * once: so whatever is noted until then belongs to it.
 */
export function recordSteps<Event extends { at: string }>(
  steps: readonly JournalledStep[],
  events: readonly Event[],
): StepRecord<Event>[] {
  let state: Record<string, unknown> = {}
  return steps.map((step, index) => {
    const input = state
    if (step.direction === 'do' && isRecord(step.output)) state = { ...state, ...step.output }
    const from = Date.parse(step.startedAt)
    const to = Date.parse(steps[index + 1]?.startedAt ?? '') || Number.POSITIVE_INFINITY
    return {
      input,
      tookMs: step.endedAt === null ? null : Math.max(0, Date.parse(step.endedAt) - from),
      evidence: events.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) < to),
    }
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
