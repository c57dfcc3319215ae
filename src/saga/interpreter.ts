import { DBOS } from '@dbos-inc/dbos-sdk'
import type { ErrorBody } from '../domain/errors.ts'
import { FerruleError, isTransient } from '../domain/errors.ts'
import type {
  Interference,
  Journal,
  OperationRecord,
  Outcome,
  Pace,
  Saga,
  Step,
  StepContext,
  StepDone,
  StepRecord,
  Wake,
} from './types.ts'

type Recorded<T> = { ok: true; value: T } | { ok: false; error: ErrorBody }

// biome-ignore lint/suspicious/noExplicitAny: the catalogue holds sagas of every input and state type; a saga and its own input meet again by ref
export type AnySaga<Tools> = Saga<Tools, any, any>
type State = Record<string, unknown>
type AnyStep<Tools> = Step<Tools, unknown, State>

export interface Runtime<Tools> {
  tools: Tools
  journal: Journal
  pace: Pace
  now: () => number
  interference?: Interference
}

/**
 * Runs one saga on the durable engine. Rules that come from how the engine works:
 * - A step's body never throws: a domain failure is data. Whatever escapes from DBOS.* is the engine's own signal (this
 *   replica lost the workflow, or shuts down) and must escape from here too; so there is no try/catch around it.
 * - What is decided next depends on recorded results only, so that a replay takes the same path.
 * - A failed or cancelled step is always undone too: a dead replica may have half-run it.
 */
export async function runSaga<Tools>(
  runtime: Runtime<Tools>,
  saga: AnySaga<Tools>,
  operationId: string,
  record: OperationRecord | undefined,
): Promise<Outcome> {
  if (record) return new SagaRun(runtime, saga, { id: operationId, ...record }).forward()
  // started by a version that did not hand the record over
  const loaded = await durable('load', () => runtime.journal.load(operationId))
  if (!loaded.ok || loaded.value === null) {
    return {
      state: 'undone',
      error: new FerruleError(
        'not-found',
        `operation ${operationId} has no record`,
        'Report this: an operation row vanished.',
      ).toBody(),
    }
  }
  return new SagaRun(runtime, saga, { id: operationId, ...loaded.value }).forward()
}

/** One engine step: names tell the story in the engine's own tables too (`name`, `name#2`, `undo.name#1`). */
async function durable<T>(name: string, body: () => Promise<T>): Promise<Recorded<T | null>> {
  return DBOS.runStep(
    async (): Promise<Recorded<T | null>> => {
      try {
        return { ok: true, value: (await body()) ?? null }
      } catch (error) {
        return { ok: false, error: toBody(error) }
      }
    },
    { name },
  )
}

function toBody(error: unknown): ErrorBody {
  if (error instanceof FerruleError) return error.toBody()
  const text = error instanceof Error ? error.message : String(error)
  return new FerruleError(
    'internal',
    `unexpected: ${text}`,
    'Report this with the operation number; the stack is in the log.',
    {
      stack: error instanceof Error ? (error.stack ?? '') : '',
    },
  ).toBody()
}

/** Failures that say nothing about the step: tried again without counting. */
function isOurs(error: ErrorBody): boolean {
  return error.code === 'database-unreachable' || error.code === 'lease-lost'
}

class SagaRun<Tools> {
  private state: State = {}
  private seq = 0
  /** The last step, if it is done: the next one's beginning takes its end into the journal. */
  private done: StepDone | null = null
  private readonly runtime: Runtime<Tools>
  private readonly saga: AnySaga<Tools>
  private readonly operation: { id: string; number: number; kind: string; input: unknown }

  constructor(
    runtime: Runtime<Tools>,
    saga: AnySaga<Tools>,
    operation: { id: string; number: number; kind: string; input: unknown },
  ) {
    this.runtime = runtime
    this.saga = saga
    this.operation = operation
  }

  async forward(): Promise<Outcome> {
    let begun: AnyStep<Tools>[] = []
    let oneWay = false
    for (const step of this.saga.steps as readonly AnyStep<Tools>[]) {
      oneWay ||= step.name === this.saga.oneWayFrom
      begun.push(step)
      const error = oneWay ? await this.doUntilDone(step) : await this.doOrFail(step)
      if (error) return this.unwind(begun, error)
      if (step.name === this.saga.oneWayTo) {
        oneWay = false
        begun = []
      }
    }
    return this.settle({ state: 'succeeded' })
  }

  /** A step that can still be taken back: transient errors are tried a few times, everything else ends the way forward. */
  private async doOrFail(step: AnyStep<Tools>): Promise<ErrorBody | null> {
    let counted = 0
    for (let attempt = 1; ; attempt++) {
      const result = await this.attempt(step, 'do', attempt, true)
      if (result.ok) return null
      if (!isOurs(result.error)) {
        counted++
        const { code } = result.error
        const again = isTransient(code) || step.triedAgain?.includes(code)
        if (!again || counted >= this.runtime.pace.forwardAttempts) return result.error
      }
      await this.pause(attempt)
    }
  }

  /** A step behind the point of no return: tried until done; after its budget the operation shows as parked and goes on trying. */
  private async doUntilDone(step: AnyStep<Tools>): Promise<null> {
    await this.persist(step, 'do')
    return null
  }

  private async unwind(begun: AnyStep<Tools>[], error: ErrorBody): Promise<Outcome> {
    await durable('undoing', () => this.runtime.journal.undoing(this.operation.id, error))
    for (const step of begun.reverse()) {
      if (typeof step.undo === 'function') await this.persist(step, 'undo')
    }
    return this.settle({ state: error.code === 'cancelled' ? 'cancelled' : 'undone', error })
  }

  private async persist(step: AnyStep<Tools>, direction: 'do' | 'undo'): Promise<void> {
    let since = 0
    let counted = 0
    for (let attempt = 1; ; attempt++) {
      const result = await this.attempt(step, direction, attempt, false)
      if (result.ok) break
      if (!isOurs(result.error)) counted++
      const pause = this.pauseLength(attempt)
      if (counted >= this.runtime.pace.parkAfter) {
        if (since === 0) since = await DBOS.now()
        const { error } = result
        const nextRetryAt = (await DBOS.now()) + pause
        await durable(`parked.${direction}.${step.name}#${attempt}`, () =>
          this.runtime.journal.parked(this.operation.id, {
            step: step.name,
            title: step.title,
            direction,
            attempts: attempt,
            error,
            skip: direction === 'do' ? (step.skip ?? null) : null,
            since,
            nextRetryAt,
          }),
        )
      }
      const wake = await DBOS.recv<Wake>('wake', { timeoutSeconds: pause / 1000 })
      if (direction === 'do' && step.skip !== undefined && wake?.skip?.step === step.name) break
    }
    if (since > 0)
      await durable(`unparked.${direction}.${step.name}`, () =>
        this.runtime.journal.parked(this.operation.id, null),
      )
  }

  private async attempt(
    step: AnyStep<Tools>,
    direction: 'do' | 'undo',
    attempt: number,
    cancellable: boolean,
  ): Promise<Recorded<unknown>> {
    const seq = ++this.seq
    const record: StepRecord = {
      operationId: this.operation.id,
      seq,
      name: step.name,
      title: step.title,
      direction,
      attempt,
    }
    const name = `${direction === 'undo' ? 'undo.' : ''}${step.name}${attempt > 1 ? `#${attempt}` : ''}`
    const before = this.done
    const result = await durable(name, () => this.body(step, record, before, cancellable))
    // also where the engine only remembers it: the replica that did it may have died before the next step
    this.done = result.ok ? { step: record, output: result.value } : null
    if (result.ok && direction === 'do' && result.value !== null)
      this.state = { ...this.state, ...(result.value as State) }
    return result
  }

  private async body(
    step: AnyStep<Tools>,
    record: StepRecord,
    before: StepDone | null,
    cancellable: boolean,
  ): Promise<unknown> {
    const { journal, tools, interference } = this.runtime
    const begun = await journal.stepStarted(record, before)
    // A replica that died between recording the operation's end and telling the engine: the hold is gone, and host and
    // instance may be another operation's by now. Running the end again would overwrite that one's work.
    if (begun.ended) return undefined
    try {
      if (cancellable && begun.cancelRequested !== null) throw cancelledError(begun.cancelRequested)
      const context = this.context(record.attempt, begun.firstStartedAt, cancellable)
      const act = async () =>
        record.direction === 'do'
          ? step.do(tools, context)
          : typeof step.undo === 'function'
            ? step.undo(tools, context)
            : undefined
      return interference ? await interference.around({ ...record, ref: this.saga.ref }, act) : await act()
    } catch (error) {
      await journal.stepFailed(record, toBody(error))
      throw error
    }
  }

  private context(attempt: number, startedAt: number, cancellable: boolean): StepContext<unknown, State> {
    const { journal, now } = this.runtime
    const { id } = this.operation
    return {
      operation: { id, number: this.operation.number, kind: this.operation.kind },
      input: this.operation.input,
      state: this.state,
      attempt,
      startedAt,
      now,
      checkCancelled: async () => {
        const reason = cancellable ? await journal.cancelRequested(id) : null
        if (reason !== null) throw cancelledError(reason)
      },
      note: (message, data) => journal.note(id, message, data ?? {}),
    }
  }

  private async settle(outcome: Outcome): Promise<Outcome> {
    const last: AnyStep<Tools> = {
      name: 'settle',
      title: 'Record the end',
      do: async (tools, context) => {
        await this.saga.settle(tools, context, outcome)
        return undefined
      },
      undo: { none: 'it is the end' },
    }
    await this.persist(last, 'do')
    return outcome
  }

  private async pause(attempt: number): Promise<void> {
    await DBOS.recv<Wake>('wake', { timeoutSeconds: this.pauseLength(attempt) / 1000 })
  }

  private pauseLength(attempt: number): number {
    const { retryBase, retryCap } = this.runtime.pace
    return Math.min(retryCap, retryBase * 2 ** Math.min(attempt - 1, 20))
  }
}

function cancelledError(reason: string): FerruleError {
  return new FerruleError(
    'cancelled',
    `cancelled: ${reason}`,
    'Nothing to do: what is cancelled takes back what it has done.',
  )
}
