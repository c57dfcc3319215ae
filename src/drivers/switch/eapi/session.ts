import { FerruleError } from '../../../domain/errors.ts'
import type { SwitchLease } from '../../../domain/lease.ts'
import { mismatch, refused } from '../https/errors.ts'
import { samePort } from '../port-state.ts'
import { PortsMoved } from '../ports-moved.ts'
import type { PortMove } from '../switchport/planned.ts'
import { type Look, lookAt, statesOf, unconfirmed } from './look.ts'
import type { EapiRpc } from './rpc.ts'

/** Sessions of Ferrule, of any replica. */
export const SESSION_PREFIX = 'ferrule-'

/** Long enough to read back and confirm over a slow line; what nobody confirms is taken back after it. */
const COMMIT_TIMER = '00:01:00'

/** A confirmation that did not arrive is sent again: it can only make permanent what was read back. */
const CONFIRM_TRIES = 3

/**
 * One batch as one configuration session of EOS: stage, look at the switch's own diff, commit with a timer, read back,
 * confirm. Whatever goes wrong before the confirmation ends with an abort; where not even that arrives, the timer does it.
 *
 * A session is a copy of the whole running configuration, and its commit overwrites what others changed meanwhile. So
 * the diff is taken again right before the commit, in the same request: if it is another one, somebody was in between,
 * and the commit is taken back, which restores their change.
 */
export class ConfigSession {
  readonly #rpc: EapiRpc
  readonly #lease: SwitchLease
  readonly #name: string

  constructor(rpc: EapiRpc, lease: SwitchLease, id: string) {
    this.#rpc = rpc
    this.#lease = lease
    this.#name = `${SESSION_PREFIX}${id}`
  }

  /** @throws switch-refused, switch-mismatch, PortsMoved, switch-unreachable, lease-lost */
  async run(lines: readonly string[], moves: ReadonlyMap<string, PortMove>): Promise<void> {
    await this.#prepare(moves)
    let confirming = false
    try {
      const diff = await this.#stage(lines, moves)
      await this.#commit(diff, moves)
      confirming = true
      await this.#confirm()
    } catch (error) {
      // A lost lease forbids every write; of a confirmation without an answer the read-back tells.
      if (error instanceof FerruleError && error.code === 'lease-lost') throw error
      if (!confirming) await this.#abort()
      throw error
    }
  }

  /** The lease is ours, so every open session of ours is one that a dead process has left. */
  async #prepare(moves: ReadonlyMap<string, PortMove>): Promise<void> {
    const look = await this.#look()
    await this.#mustBe(look, 'before', moves)
    const [other] = unconfirmed(look)
    if (other !== undefined) {
      throw refused(
        this.#rpc.address,
        `configure session ${this.#name}`,
        `the commit of session ${other} is not confirmed yet, and to take it back would take our change back too`,
      )
    }
    for (const [name, state] of look.sessions) {
      if (name.startsWith(SESSION_PREFIX) && state === 'pending')
        await this.#write([`configure session ${name} abort`])
    }
  }

  /** Returns what the switch itself says that would change. */
  async #stage(lines: readonly string[], moves: ReadonlyMap<string, PortMove>): Promise<string> {
    const staged = await this.#write([
      `configure session ${this.#name}`,
      ...lines.map((line) => line.trim()),
      'end',
      this.#showDiffs(),
    ])
    const diff = changedLines(staged.at(-1) ?? '')
    if (diff === '')
      throw mismatch(
        this.#rpc.address,
        `says that nothing would change by ${lines.join(' / ').slice(0, 200)}`,
      )
    // The session was copied between two looks that saw the same.
    await this.#mustBe(await this.#look(), 'before', moves)
    return diff
  }

  async #commit(diff: string, moves: ReadonlyMap<string, PortMove>): Promise<void> {
    const [again = ''] = await this.#write([
      this.#showDiffs(),
      `configure session ${this.#name} commit timer ${COMMIT_TIMER}`,
    ])
    if (changedLines(again) !== diff) throw new PortsMoved(this.#rpc.address, [...moves.keys()])
    const look = await this.#look()
    if (!unconfirmed(look).includes(this.#name)) {
      throw mismatch(this.#rpc.address, `session ${this.#name} is ${this.#stateIn(look)} and not committed`)
    }
    await this.#mustBe(look, 'wanted', moves)
  }

  async #confirm(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const failure = await this.#write([`configure session ${this.#name} commit`]).then(
        () => null,
        (error: unknown) => error,
      )
      if (failure instanceof FerruleError && failure.code === 'lease-lost') throw failure
      const look = await this.#look()
      if (!unconfirmed(look).includes(this.#name)) return
      if (tries < CONFIRM_TRIES) continue
      await this.#abort()
      throw failure ?? mismatch(this.#rpc.address, `it does not confirm session ${this.#name}`)
    }
  }

  async #abort(): Promise<void> {
    try {
      await this.#write([`configure session ${this.#name} abort`])
    } catch (error) {
      if (error instanceof FerruleError && error.code === 'lease-lost') throw error
      // It was never opened, or the switch is away and its timer does the same.
    }
  }

  #showDiffs(): string {
    return `show session-config named ${this.#name} diffs`
  }

  #stateIn(look: Look): string {
    return look.sessions.get(this.#name) ?? 'gone'
  }

  #look(): Promise<Look> {
    return lookAt(this.#rpc, this.#lease.signal)
  }

  async #write(commands: readonly string[]): Promise<string[]> {
    await this.#lease.check()
    return this.#rpc.text(commands, this.#lease.signal)
  }

  async #mustBe(look: Look, end: keyof PortMove, moves: ReadonlyMap<string, PortMove>): Promise<void> {
    const { address } = this.#rpc
    const states = await statesOf(this.#rpc, look, [...moves.keys()], this.#lease.signal)
    const wrong = [...moves].filter(([port, move]) => {
      const state = states.get(port)
      return state === undefined || !samePort(state, move[end])
    })
    if (wrong.length === 0) return
    const names = wrong.map(([port]) => port)
    if (end === 'before') throw new PortsMoved(address, names)
    throw mismatch(address, `${names.join(', ')} ${names.length > 1 ? 'show' : 'shows'} another state`)
  }
}

/** What differs, without the head (with its times) and the places. */
function changedLines(diff: string): string {
  return diff
    .split(/\r?\n/)
    .filter((line) => /^[+-]/.test(line) && !/^(\+\+\+|---)/.test(line))
    .join('\n')
}
