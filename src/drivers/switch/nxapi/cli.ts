import { z } from 'zod'
import type { HttpSwitchClient } from '../https/client.ts'
import { refused } from '../https/errors.ts'

const PATH = '/ins'

/** Between the commands of one request. */
const SEPARATOR = ' ;'

/** The code comes as text from some releases and as a number from others. */
const output = z.looseObject({
  code: z.coerce.number(),
  msg: z.string().default(''),
  input: z.string().optional(),
  clierror: z.string().optional(),
  body: z.unknown().optional(),
})
/** One output stands alone, several are a list. */
const answer = z.looseObject({
  ins_api: z.looseObject({
    outputs: z.looseObject({ output: z.union([z.array(output), output.transform((one) => [one])]) }),
  }),
})

type Output = z.infer<typeof output>
type Type = 'cli_show' | 'cli_show_ascii' | 'cli_conf'

/** CLI commands of one switch, in Cisco's own JSON (`ins_api`). */
export class NxCli {
  readonly #http: HttpSwitchClient

  constructor(http: HttpSwitchClient) {
    this.#http = http
  }

  get address(): string {
    return this.#http.address
  }

  /** Structured answers, one per command. @throws switch-refused, and what the client throws */
  async show(commands: readonly string[]): Promise<unknown[]> {
    const outputs = await this.#run('cli_show', commands)
    if (outputs.length !== commands.length) throw this.#notNxapi(commands)
    return outputs.map(({ body }) => body)
  }

  /** As a person would see it; also for commands that are neither a show nor configuration. */
  async text(command: string, signal?: AbortSignal): Promise<string> {
    const [first] = await this.#run('cli_show_ascii', [command], signal)
    return typeof first?.body === 'string' ? first.body : ''
  }

  /** Configuration lines, one after another; at the first that is refused, the switch goes back to where it was. */
  async configure(lines: readonly string[], signal?: AbortSignal): Promise<void> {
    await this.#run('cli_conf', lines, signal)
  }

  async #run(type: Type, commands: readonly string[], signal?: AbortSignal): Promise<Output[]> {
    const reply = await this.#http.send(
      {
        method: 'POST',
        path: PATH,
        json: {
          ins_api: {
            version: '1.0',
            type,
            chunk: '0',
            sid: '1',
            input: commands.join(SEPARATOR),
            output_format: 'json',
            ...(type === 'cli_conf' ? { rollback: 'rollback-on-error' } : {}),
          },
        },
      },
      signal,
    )
    const parsed = answer.safeParse(parseJson(reply.body))
    if (!parsed.success) {
      if (reply.status === 200) throw this.#notNxapi(commands)
      throw refused(this.address, commands.join(' / '), `HTTP ${reply.status} at ${PATH}`, {
        httpStatus: reply.status,
      })
    }
    const outputs = parsed.data.ins_api.outputs.output
    const failed = outputs.find(({ code }) => code !== 200)
    if (failed) {
      const said = [failed.msg, failed.clierror].filter(Boolean).join(': ').replaceAll(/\s+/g, ' ').trim()
      throw refused(this.address, failed.input ?? commands.join(' / '), said, { code: failed.code })
    }
    return outputs
  }

  #notNxapi(commands: readonly string[]) {
    return refused(this.address, commands.join(' / '), 'the answer is not that of NX-API')
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
