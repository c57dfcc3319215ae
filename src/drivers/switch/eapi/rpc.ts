import { z } from 'zod'
import type { HttpSwitchClient } from '../https/client.ts'
import { refused } from '../https/errors.ts'

/** Arista's "Command API": POST only, there. */
const PATH = '/command-api'

/** JSON-RPC 2.0. On a failure `data` has the answers up to the command that failed, whose own has `errors`. */
const answer = z.looseObject({
  result: z.array(z.unknown()).optional(),
  error: z
    .looseObject({
      code: z.number(),
      message: z.string().default(''),
      data: z.array(z.unknown()).optional(),
    })
    .optional(),
})
const failedCommand = z.looseObject({ errors: z.array(z.string()) })
const texts = z.array(z.looseObject({ output: z.string() }))

/** CLI commands of one switch, several in a request: the first that fails ends it, and those before it stand. */
export class EapiRpc {
  readonly #http: HttpSwitchClient

  constructor(http: HttpSwitchClient) {
    this.#http = http
  }

  get address(): string {
    return this.#http.address
  }

  /** Structured answers, one per command. @throws switch-refused, and what the client throws */
  async json(commands: readonly string[], signal?: AbortSignal): Promise<unknown[]> {
    return this.#run(commands, 'json', signal)
  }

  /** As a person would see them; configuration sessions have no structured form. */
  async text(commands: readonly string[], signal?: AbortSignal): Promise<string[]> {
    const parsed = texts.safeParse(await this.#run(commands, 'text', signal))
    if (!parsed.success) throw this.#notEapi(commands)
    return parsed.data.map(({ output }) => output)
  }

  async #run(commands: readonly string[], format: 'json' | 'text', signal?: AbortSignal): Promise<unknown[]> {
    // A request starts in user mode, where nothing is configured and little is shown.
    const cmds = ['enable', ...commands]
    const reply = await this.#http.send(
      {
        method: 'POST',
        path: PATH,
        json: { jsonrpc: '2.0', method: 'runCmds', params: { version: 1, cmds, format }, id: 'ferrule' },
      },
      signal,
    )
    if (reply.status !== 200) {
      throw refused(this.address, commands.join(' / '), `HTTP ${reply.status} at ${PATH}`, {
        httpStatus: reply.status,
      })
    }
    const parsed = answer.safeParse(parseJson(reply.body))
    if (!parsed.success) throw this.#notEapi(commands)
    const { result, error } = parsed.data
    if (error) {
      const done = error.data ?? []
      const last = failedCommand.safeParse(done.at(-1))
      const said = [error.message, ...(last.success ? last.data.errors : [])].filter(Boolean).join('; ')
      throw refused(this.address, cmds[done.length - 1] ?? commands.join(' / '), said, { code: error.code })
    }
    if (result?.length !== cmds.length) throw this.#notEapi(commands)
    return result.slice(1)
  }

  #notEapi(commands: readonly string[]) {
    return refused(this.address, commands.join(' / '), 'the answer is not that of an eAPI')
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
