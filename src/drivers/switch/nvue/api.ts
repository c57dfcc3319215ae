import { z } from 'zod'
import type { HttpAnswer, HttpSwitchClient } from '../https/client.ts'
import { refused } from '../https/errors.ts'

const ROOT = '/nvue_v1'

const problem = z.looseObject({ title: z.string().optional(), detail: z.string().optional() })

/** The tree of NVUE over REST: what is wanted is in revisions, what is goes by the name of operational. */
export class NvueApi {
  readonly #http: HttpSwitchClient

  constructor(http: HttpSwitchClient) {
    this.#http = http
  }

  get address(): string {
    return this.#http.address
  }

  get requestMs(): number {
    return this.#http.timeouts.requestMs
  }

  /** Null where the tree has nothing. @throws switch-refused when it is not what `schema` says, and what the client throws */
  async get<T extends z.ZodType>(
    path: string,
    query: Record<string, string>,
    schema: T,
    signal?: AbortSignal,
  ): Promise<z.output<T> | null> {
    const asked = `${path}?${new URLSearchParams(query)}`
    const answer = await this.#http.send({ method: 'GET', path: ROOT + asked }, signal)
    if (answer.status === 404) return null
    return this.#parsed(`GET ${asked}`, schema, this.#good(`GET ${path}`, answer))
  }

  /** @throws switch-refused with the switch's words, and what the client throws */
  async write<T extends z.ZodType>(
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    json: unknown,
    schema: T,
    signal?: AbortSignal,
  ): Promise<z.output<T>> {
    const answer = await this.#http.send({ method, path: ROOT + path, json }, signal)
    return this.#parsed(`${method} ${path}`, schema, this.#good(`${method} ${path}`, answer))
  }

  #good(what: string, answer: HttpAnswer): string {
    if (answer.status >= 200 && answer.status < 300) return answer.body
    const said = problem.safeParse(parseJson(answer.body))
    const words = said.success ? [said.data.title, said.data.detail].filter(Boolean).join(': ') : ''
    throw refused(this.address, what, words === '' ? `HTTP ${answer.status}` : words, {
      httpStatus: answer.status,
    })
  }

  #parsed<T extends z.ZodType>(what: string, schema: T, body: string): z.output<T> {
    const result = schema.safeParse(parseJson(body))
    if (result.success) return result.data
    const where = result.error.issues[0]?.path.join('.') ?? ''
    throw refused(this.address, what, `its answer is not that of NVUE (${where})`)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
