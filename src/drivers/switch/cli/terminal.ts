import type { SwitchTimeouts } from '../types.ts'
import type { SshTarget } from './endpoint.ts'
import { leaseLost, unreachable } from './errors.ts'
import type { CliProfile } from './profile.ts'
import { CliSession } from './session.ts'

/** Long enough to read back and save after a write, short enough to leave the lines of a switch to others. */
const IDLE_MS = 2_000

/** The one command line that is kept on a switch. One at a time uses it: a reading is no part of a configuration. */
export class Terminal {
  readonly #target: SshTarget
  readonly #profile: CliProfile
  readonly #timeouts: SwitchTimeouts
  #session: CliSession | null = null
  #last: Promise<unknown> = Promise.resolve()
  #idle: NodeJS.Timeout | undefined
  #closed = false

  constructor(target: SshTarget, profile: CliProfile, timeouts: SwitchTimeouts) {
    this.#target = target
    this.#profile = profile
    this.#timeouts = timeouts
  }

  /**
   * `work` finds the session where a login leaves it. After a fault nobody knows where it stands, and it is ended: a
   * switch forgets then what was not committed.
   * @throws switch-unreachable, switch-auth, switch-refused, lease-lost, and what `work` throws
   */
  use<T>(work: (session: CliSession) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const turn = this.#last.then(async () => {
      if (signal?.aborted) throw leaseLost(this.#target.address)
      if (this.#closed) throw unreachable(this.#target.address, 'the connection was closed')
      clearTimeout(this.#idle)
      if (this.#session?.ended) this.#session = null
      this.#session ??= await CliSession.open(this.#target, this.#profile, this.#timeouts, signal)
      const session = this.#session
      try {
        return await work(session)
      } catch (error) {
        session.end()
        throw error
      } finally {
        this.#idle = setTimeout(() => session.end(), IDLE_MS)
        this.#idle.unref()
      }
    })
    this.#last = turn.catch(() => undefined)
    return turn
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#idle)
    this.#session?.end()
  }
}
