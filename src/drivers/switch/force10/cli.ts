import { FerruleError } from '../../../domain/errors.ts'
import { cliRefusals, parseCliAnswer } from './parse.ts'
import type { Force10Rest, RestAnswer } from './rest.ts'

/** Newer OS9 (9.x) serves under `dell`, older FTOS under `ftos`. */
const roots = ['/api/running/dell', '/api/running/ftos'] as const

type CommandTag = 'config-commands' | 'show-command' | 'exec-command'

/**
 * REST-CLI: CLI commands as an XML payload (`POST {root}/_operations/cli`). It is what OS9 has for tagged VLANs, for
 * saving and for reading VLAN membership; the plain REST resources of OS9 cannot tell a port's VLANs.
 */
export class Force10Cli {
  readonly #rest: Force10Rest
  #root: string | null = null

  constructor(rest: Force10Rest) {
    this.#rest = rest
  }

  /** `command` without the word show. The text may hold secrets (running-config) and goes into no message. */
  show(command: string): Promise<string> {
    return this.#run('show-command', command)
  }

  exec(command: string, signal?: AbortSignal): Promise<string> {
    return this.#run('exec-command', command, signal)
  }

  /** `commands` are separated by CR LF and at most 1000 characters long. */
  configure(commands: string, signal?: AbortSignal): Promise<string> {
    return this.#run('config-commands', commands, signal)
  }

  async #run(tag: CommandTag, commands: string, signal?: AbortSignal): Promise<string> {
    const root = await this.#findRoot(signal)
    const payload = `<input><${tag}>${escapeXml(commands)}</${tag}></input>`
    const answer = await this.#rest.send('POST', `${root}/_operations/cli`, payload, signal)
    if (answer.status === 404) this.#root = null
    if (answer.status < 200 || answer.status > 299) throw this.#httpRefusal(commands, answer)
    const text = parseCliAnswer(answer.body)
    if (text === null)
      throw this.#refusal(commands, 'the answer is not that of a REST-CLI', { httpStatus: answer.status })
    const refusals = cliRefusals(text)
    if (refusals.length > 0) throw this.#refusal(commands, refusals.join(' '), { device: refusals })
    return text
  }

  /** An upgrade of the switch may change the root, so a 404 makes us ask again. */
  async #findRoot(signal?: AbortSignal): Promise<string> {
    if (this.#root !== null) return this.#root
    const seen: string[] = []
    for (const root of roots) {
      const answer = await this.#rest.send('GET', root, undefined, signal)
      if (answer.status >= 200 && answer.status <= 299) {
        this.#root = root
        return root
      }
      seen.push(`${root}: HTTP ${answer.status}`)
      if (answer.status >= 500) throw this.#httpRefusal(`GET ${root}`, answer)
    }
    throw new FerruleError(
      'switch-refused',
      `Switch ${this.#rest.address} has no FTOS REST API (${seen.join(', ')})`,
      'Check the type of the switch in the rack file and that its REST API is enabled.',
      { address: this.#rest.address },
    )
  }

  #httpRefusal(commands: string, answer: RestAnswer): FerruleError {
    const said = answer.body
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim()
      .slice(0, 200)
    const message = said === '' ? `HTTP ${answer.status}` : `HTTP ${answer.status}: ${said}`
    return this.#refusal(commands, message, { httpStatus: answer.status })
  }

  #refusal(commands: string, said: string, details: Record<string, unknown>): FerruleError {
    const lines = commands.split('\r\n').map((line) => line.trim())
    return new FerruleError(
      'switch-refused',
      `Switch ${this.#rest.address} refused "${lines.join(' / ').slice(0, 200)}": ${said}`,
      'Read what the switch says; it may need a setting on the port, or the user more privilege.',
      { address: this.#rest.address, lines, ...details },
    )
  }
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
