import type { Client, ClientChannel } from 'ssh2'
import type { FerruleError } from '../../../domain/errors.ts'
import type { SwitchTimeouts } from '../types.ts'
import type { SshTarget } from './endpoint.ts'
import { leaseLost, refused, strange, unauthorised, unreachable } from './errors.ts'
import { openShell } from './login.ts'
import type { CliProfile, Mode } from './profile.ts'
import { lastLine, plainText, refusal } from './text.ts'

/** A running-config of the largest chassis is below some megabytes. */
const MAX_ANSWER = 16 * 1024 * 1024

/** Longer than any prompt with all that terminals put around it. */
const TAIL = 1_024

/** A refusal stands at the begin of an answer; what follows in a configuration may be any text. */
const REFUSAL_LINES = 3

/** What a switch asks when a command needs an answer that we have not. */
const passwordQuestion = /password: ?$/i
const question =
  /(?:\[(?:y(?:es)?\/no?|confirm)\]|\(y(?:es)?\/no?\))(?: ?\(\w+\))?\s?[:?]?\s?$|--\s?more\s?--|---\(more/i

/**
 * One command line on a switch: a command, its echo, what it says, the prompt. Whatever does not look like that ends the
 * session, for nobody knows any more which answer belongs to which command.
 */
export class CliSession {
  readonly #target: SshTarget
  readonly #profile: CliProfile
  readonly #client: Client
  readonly #channel: ClientChannel
  readonly #requestMs: number
  #host = ''
  #heard = ''
  #ended: FerruleError | null = null
  /** Whoever waits is told that there is more, or that it is over. */
  #wake: () => void = () => {}

  private constructor(
    target: SshTarget,
    profile: CliProfile,
    client: Client,
    channel: ClientChannel,
    requestMs: number,
  ) {
    this.#target = target
    this.#profile = profile
    this.#client = client
    this.#channel = channel
    this.#requestMs = requestMs
    const gone = () => this.end(unreachable(target.address, 'it ended the session'))
    channel.on('data', (data: Buffer) => this.#hear(data))
    channel.stderr.on('data', (data: Buffer) => this.#hear(data))
    channel.on('error', gone)
    channel.on('close', gone)
    client.on('close', gone)
  }

  /** @throws switch-unreachable, switch-auth, switch-refused (it is no switch of this family), lease-lost */
  static async open(
    target: SshTarget,
    profile: CliProfile,
    timeouts: SwitchTimeouts,
    signal?: AbortSignal,
  ): Promise<CliSession> {
    const { client, channel } = await openShell(target, timeouts.connectMs)
    const session = new CliSession(target, profile, client, channel, timeouts.requestMs)
    await session.#greeted(signal)
    for (const command of profile.begin) await session.run(command, 'exec', signal)
    return session
  }

  get ended(): boolean {
    return this.#ended !== null
  }

  /**
   * What the switch says to a command that leads to `mode`.
   * @throws switch-refused (it says no, or does not end where it should), switch-unreachable, switch-auth, lease-lost
   */
  async run(command: string, mode: Mode, signal?: AbortSignal): Promise<string> {
    const { address } = this.#target
    if (signal?.aborted) throw this.end(leaseLost(address))
    if (this.#ended) throw this.#ended
    if (this.#heard !== '') {
      throw this.end(unreachable(address, 'it said something that it was not asked'))
    }
    this.#channel.write(`${command}\n`)
    await this.#until((line) => this.#isPrompt(line, 'exec') || this.#isPrompt(line, 'config'), signal)
    const text = plainText(this.#heard)
    this.#heard = ''
    const [echo, ...lines] = text.split('\n')
    const prompt = lines.pop()
    if (echo?.trimEnd() !== command || prompt === undefined) {
      throw this.end(unreachable(address, `it did not repeat "${command}" as a command line does`))
    }
    const answer = lines.join('\n')
    const said = refusal(answer, this.#profile.errors, REFUSAL_LINES)
    if (said !== null) throw refused(address, command.trim(), said)
    if (!this.#isPrompt(prompt, mode)) {
      throw this.end(strange(address, this.#profile.product, `"${command}" led elsewhere`))
    }
    return answer
  }

  /** Ends it, and what waits, with this reason, or with the one it ended with before. */
  end(reason: FerruleError = unreachable(this.#target.address, 'the session was closed')): FerruleError {
    if (this.#ended === null) {
      this.#ended = reason
      this.#client.destroy()
      this.#wake()
    }
    return this.#ended
  }

  async #greeted(signal?: AbortSignal): Promise<void> {
    const { first, exec } = this.#profile.prompts
    await this.#until((line) => first.test(line), signal)
    this.#host = first.exec(lastLine(plainText(this.#heard)))?.groups?.host ?? ''
    this.#heard = ''
    if (this.#host === '') throw new Error(`the first prompt /${first.source}/, /${exec.source}/ has no host`)
  }

  #hear(data: Buffer): void {
    if (this.#heard.length + data.length > MAX_ANSWER) {
      this.end(unreachable(this.#target.address, 'its answer is too long'))
      return
    }
    this.#heard += data.toString('latin1')
    this.#wake()
  }

  /** A long name is cut in the prompts of some modes. */
  #isPrompt(line: string, mode: Mode): boolean {
    const { before, [mode]: suffix } = this.#profile.prompts
    const match = new RegExp(`^${before?.source ?? ''}(.+?)${suffix.source} ?$`).exec(line)
    if (!match?.[1]) return false
    return mode === 'exec' ? match[1] === this.#host : this.#host.startsWith(match[1])
  }

  /** Waits until the line under way is what is waited for. */
  #until(found: (line: string) => boolean, signal?: AbortSignal): Promise<void> {
    const { address } = this.#target
    return new Promise((resolve, reject) => {
      const lost = () => this.end(leaseLost(address))
      const late = setTimeout(() => {
        this.end(unreachable(address, `no prompt within ${this.#requestMs / 1000} s`))
      }, this.#requestMs)
      const done = () => {
        clearTimeout(late)
        signal?.removeEventListener('abort', lost)
        this.#wake = () => {}
      }
      this.#wake = () => {
        if (this.#ended === null) {
          const line = lastLine(plainText(this.#heard.slice(-TAIL)))
          if (passwordQuestion.test(line)) {
            this.end(unauthorised(address, 'it asks for another password, to give more rights'))
          } else if (question.test(line)) {
            this.end(refused(address, 'a command', `it asks back: ${line.trim().slice(-120)}`))
          } else if (!found(line)) return
        }
        done()
        if (this.#ended) reject(this.#ended)
        else resolve()
      }
      signal?.addEventListener('abort', lost, { once: true })
      if (signal?.aborted) lost()
      this.#wake()
    })
  }
}
