import { CliRefusal } from '../switchport/cli.ts'
import { cloneConfig, type SwitchportConfig } from '../switchport/config.ts'
import type { SwitchportModel } from '../switchport/model.ts'

export interface Session {
  state: 'pending' | 'pendingCommitTimer' | 'completed'
  /** A copy of the running configuration of the moment when it was opened, with what was typed since. */
  config: SwitchportConfig
  /** What a commit with a timer goes back to. */
  checkpoint: SwitchportConfig | null
  timer: NodeJS.Timeout | null
}

/** "service configuration session max pending", as from the factory. */
const MOST_PENDING = 5

/** The configuration sessions of EOS. A commit copies the whole session over the running configuration. */
export class Sessions {
  readonly #model: SwitchportModel
  readonly #msPerSecond: number
  readonly #byName = new Map<string, Session>()

  constructor(model: SwitchportModel, msPerSecond: number) {
    this.#model = model
    this.#msPerSecond = msPerSecond
  }

  get all(): ReadonlyMap<string, Session> {
    return this.#byName
  }

  enter(name: string): Session {
    const found = this.#byName.get(name)
    if (found?.state === 'pending') return found
    if (found !== undefined)
      throw new CliRefusal(`Cannot enter session ${name} (session already ${found.state})`)
    const pending = [...this.#byName.values()].filter(({ state }) => state === 'pending')
    if (pending.length >= MOST_PENDING) {
      throw new CliRefusal(
        'Maximum number of pending sessions has been reached. Please commit or abort previous sessions before creating a new one.',
      )
    }
    const opened: Session = {
      state: 'pending',
      config: cloneConfig(this.#model.running),
      checkpoint: null,
      timer: null,
    }
    this.#byName.set(name, opened)
    return opened
  }

  named(name: string): Session {
    const found = this.#byName.get(name)
    if (found === undefined) throw new CliRefusal(`Session ${name} does not exist`)
    return found
  }

  /** `commit`: of a pending session, or the confirmation of one that waits for it. */
  commit(name: string): void {
    const session = this.named(name)
    if (session.state === 'completed')
      throw new CliRefusal(`Cannot commit session ${name} (session already completed)`)
    if (session.state === 'pending') {
      this.#refuseWhileTimed()
      this.#model.put(cloneConfig(session.config))
    }
    this.#end(session)
    session.state = 'completed'
    this.#forgetOldCompleted(name)
  }

  commitTimer(name: string, seconds: number): void {
    const session = this.named(name)
    if (session.state === 'completed')
      throw new CliRefusal(`Cannot commit session ${name} (session already completed)`)
    if (session.state === 'pending') {
      this.#refuseWhileTimed()
      session.checkpoint = cloneConfig(this.#model.running)
      this.#model.put(cloneConfig(session.config))
    }
    this.#end(session)
    session.state = 'pendingCommitTimer'
    session.timer = setTimeout(() => this.abort(name), seconds * this.#msPerSecond)
    session.timer.unref()
  }

  /** Also what the end of a timer does: the row is gone, the checkpoint is back. */
  abort(name: string): void {
    const session = this.named(name)
    if (session.state === 'completed')
      throw new CliRefusal(`Cannot abort session ${name} (session already completed)`)
    this.#end(session)
    this.#byName.delete(name)
    if (session.state === 'pendingCommitTimer' && session.checkpoint !== null)
      this.#model.put(session.checkpoint)
  }

  /** A reboot knows no sessions. */
  forget(): void {
    for (const session of this.#byName.values()) this.#end(session)
    this.#byName.clear()
  }

  /** For an answer as if: the same sessions on a copy of the switch, without timers. */
  copyTo(model: SwitchportModel): Sessions {
    const copy = new Sessions(model, this.#msPerSecond)
    for (const [name, session] of this.#byName) {
      copy.#byName.set(name, { ...session, config: cloneConfig(session.config), timer: null })
    }
    return copy
  }

  #end(session: Session): void {
    if (session.timer) clearTimeout(session.timer)
    session.timer = null
  }

  #refuseWhileTimed(): void {
    const other = [...this.#byName].find(([, { state }]) => state === 'pendingCommitTimer')?.[0]
    if (other !== undefined)
      throw new CliRefusal(`Cannot commit session: session ${other} has a pending commit timer`)
  }

  /** One completed session is kept. */
  #forgetOldCompleted(newest: string): void {
    for (const [name, { state }] of this.#byName) {
      if (state === 'completed' && name !== newest) this.#byName.delete(name)
    }
  }
}
