import type { ErrorBody, ErrorCode } from '../domain/errors.ts'

/**
 * A saga is a table of steps, read from top to bottom, with each undo beside its do. `Tools` is whatever the steps
 * need of the outside; `State` is what they hand on to later steps: plain JSON, recorded after every step.
 */
export interface Saga<Tools, Input, State extends object> {
  /** Kind and version, e.g. deploy@1. A released ref is frozen: running operations must find the steps they began with. */
  ref: string
  steps: readonly Step<Tools, Input, State>[]
  /** From this step on the saga is never undone: a failing step is tried until it is done, or parked. */
  oneWayFrom?: string
  /**
   * The last step of the one-way part, where steps follow that can be taken back again. Their undo ends here: nothing
   * goes back behind the point of no return. Absent: the one-way part goes to the end.
   */
  oneWayTo?: string
  /**
   * The end, in one transaction with the operation's own end: what becomes of the instance and the host, and who lets
   * go of the hold. Must accept being run twice.
   */
  settle(tools: Tools, context: StepContext<Input, State>, outcome: Outcome): Promise<void>
}

export interface Step<Tools, Input, State extends object> {
  name: string
  /** What a person reads while it runs: "Wait until MAAS says Deployed". */
  title: string
  /** An ensure: read, compare, act, read back. It may run twice. What it returns is merged into the state. */
  do(tools: Tools, context: StepContext<Input, State>): Promise<Partial<State> | undefined>
  /** Accepts that `do` never happened, happened half, or was undone already. */
  undo: ((tools: Tools, context: StepContext<Input, State>) => Promise<void>) | NoUndo
  /**
   * A person may skip its do while it is parked, only where nothing of anybody else's depends on it: what follows then,
   * for that person to read. Absent: it is never skipped. An undo never is: what was done would stay.
   */
  skip?: string
  /** Errors that end the way forward elsewhere, and here are tried again as often as transient ones. */
  triedAgain?: readonly ErrorCode[]
}

/** A step without an undo says why. */
export interface NoUndo {
  none: string
}

export interface StepContext<Input, State> {
  readonly operation: { id: string; number: number; kind: string }
  readonly input: Input
  readonly state: Readonly<Partial<State>>
  readonly attempt: number
  /** When this step was first begun, over all attempts and crashes: deadlines count from here. */
  readonly startedAt: number
  now(): number
  /** Throws `cancelled` once somebody asked to cancel and this step may still be cancelled; long waits call it often. */
  checkCancelled(): Promise<void>
  /** A line for the operation's log, the UI and `why`. */
  note(message: string, data?: Record<string, unknown>): Promise<void>
}

export type Outcome = { state: 'succeeded' } | { state: 'undone' | 'cancelled'; error: ErrorBody }

/** What the saga layer needs of the database: implemented in store/. */
export interface Journal {
  load(operationId: string): Promise<OperationRecord | null>
  /**
   * Records the beginning of an attempt, and with it the end of the step before, which is done; tells when the first
   * attempt began, whether a cancel was asked for, and whether the operation's own end is recorded already.
   */
  stepStarted(
    step: StepRecord,
    before: StepDone | null,
  ): Promise<{ firstStartedAt: number; cancelRequested: string | null; ended: boolean }>
  stepFailed(step: StepRecord, error: ErrorBody): Promise<void>
  cancelRequested(operationId: string): Promise<string | null>
  undoing(operationId: string, error: ErrorBody): Promise<void>
  parked(operationId: string, parked: ParkedAt | null): Promise<void>
  note(operationId: string, message: string, data: Record<string, unknown>): Promise<void>
}

/** What a saga is started with. */
export interface OperationRecord {
  number: number
  kind: string
  input: unknown
}

/** A step that is done, whose end is not in the journal yet. */
export interface StepDone {
  step: StepRecord
  output: unknown
}

export interface StepRecord {
  operationId: string
  seq: number
  name: string
  title: string
  direction: 'do' | 'undo'
  attempt: number
}

export interface ParkedAt {
  step: string
  /** The step as people know it. */
  title: string
  direction: 'do' | 'undo'
  attempts: number
  error: ErrorBody
  /** What follows if a person skips it; null: it must not be skipped. */
  skip: string | null
  /** Milliseconds since the epoch. */
  since: number
  nextRetryAt: number
}

/** Message on topic `wake`: ends a pause. */
export interface Wake {
  skip?: { step: string; reason: string }
}

/** How patient the engine is. All in milliseconds. */
export interface Pace {
  /** First pause after a failed attempt; doubles up to `retryCap`. */
  retryBase: number
  retryCap: number
  /** Attempts of a forward step with a transient error before the saga is undone. */
  forwardAttempts: number
  /** Attempts of an undo or of a one-way step before the operation is parked (it goes on trying at the cap). */
  parkAfter: number
}

/** For tests: wraps each body, so that failing, repeating and killing at any point needs no special code in steps. */
export interface Interference {
  around(point: StepRecord & { ref: string }, body: () => Promise<unknown>): Promise<unknown>
}
