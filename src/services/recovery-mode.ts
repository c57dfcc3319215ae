import { FerruleError } from '../domain/errors.ts'
import { databaseTime, recoveredSince } from '../store/recovery.ts'
import { liveReplicas } from '../store/replicas.ts'
import type { Services } from './context.ts'
import { FreshRuns } from './fresh-runs.ts'
import { olderThanTheWorld, recoveryReason } from './recovery.ts'

type Log = (level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>) => void

/** How long a start waits for the first answer; after that the doors open, and say what they wait for. */
const FIRST_LOOK_MS = 10_000

/** What the doors ask. */
export interface Mode {
  /** Why nothing is run; null: everything is. */
  refusal(): FerruleError | null
  /** Looks now whether that is still so. */
  look(): Promise<void>
}

/**
 * Nothing is run, and every call is refused with the reason, before it is known that the database is not older than
 * the world. It is looked at again and again: MAAS comes back, or a person confirms a recovery here or at another
 * replica; then this one begins its work without a restart.
 */
export class RecoveryMode implements Mode {
  #refusal: FerruleError | null = notKnownYet('it has not answered yet')
  #timer: NodeJS.Timeout | undefined
  readonly #looks = new FreshRuns(() => this.#look())
  #stopped = false
  readonly #services: Services
  readonly #options: RecoveryModeOptions
  #askedFor: Date | null = null

  constructor(services: Services, options: RecoveryModeOptions) {
    this.#services = services
    this.#options = options
  }

  refusal(): FerruleError | null {
    return this.#refusal
  }

  /** The first look. Returns when it is known, or when it takes too long to wait for. */
  async begin(): Promise<void> {
    if (this.#options.askedFor) this.#askedFor = await databaseTime(this.#services.tools.db)
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FIRST_LOOK_MS)
    })
    const looked = this.look().finally(() => this.#schedule())
    await Promise.race([looked, patience]).finally(() => clearTimeout(timer))
    looked.catch(this.#options.onFailure)
  }

  /** Never the outcome of a look that began before the call: it may not have seen a recovery just confirmed. */
  look(): Promise<void> {
    return this.#looks.run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#looks.idle()
  }

  #schedule(): void {
    if (this.#stopped || this.#refusal === null) return
    this.#timer = setTimeout(() => {
      this.look().then(() => this.#schedule(), this.#options.onFailure)
    }, this.#options.lookEveryMs)
    this.#timer.unref()
  }

  async #look(): Promise<void> {
    if (this.#refusal === null || this.#stopped) return
    const reason = await this.#reason()
    if (reason && reason.message !== this.#refusal.message)
      this.#options.log('error', 'no operation is run', { reason: reason.message })
    if (reason) this.#refusal = reason
    if (reason || this.#stopped) return
    await this.#options.launch()
    this.#refusal = null
  }

  async #reason(): Promise<FerruleError | null> {
    const { tools, settings } = this.#services
    try {
      if (this.#askedFor && !(await recoveredSince(tools.db, this.#askedFor)))
        return olderThanTheWorld('recovery was asked for at the start (--recover)')
      return await recoveryReason(this.#services)
    } catch (error) {
      if (!(error instanceof FerruleError)) throw error
      if (error.code === 'database-unreachable') return error
      // a replica that runs has asked MAAS when it began, and this is the same database
      if ((await liveReplicas(tools.db, settings.replicaLeaseMs)) > 0) return null
      return notKnownYet(error.message)
    }
  }
}

export interface RecoveryModeOptions {
  /** Begins the work, once. */
  launch(): Promise<void>
  lookEveryMs: number
  /** A person restored a database and wants the recovery, whatever speaks for it. */
  askedFor: boolean
  /** The work could not be begun: the process is of no use any more. */
  onFailure(error: unknown): void
  log: Log
}

function notKnownYet(said: string): FerruleError {
  return new FerruleError(
    'maas-unreachable',
    `whether this database is as new as the world is not known before MAAS answers: ${said}`,
    'Look at MAAS; it is asked again by itself, and nothing is run meanwhile.',
  )
}
