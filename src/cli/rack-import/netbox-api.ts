import { z } from 'zod'
import { CliFailure, exitCodes } from '../failure.ts'

/** What NetBox gives at once, whatever is asked: its MAX_PAGE_SIZE is 1000 by default. */
const PAGE = 200

/** An address may not grow beyond what servers take. */
const IDS_AT_ONCE = 50

const REQUEST_MS = 30_000

export interface NetboxOptions {
  url: string
  token: string
  fetch?: typeof globalThis.fetch
}

/** Lists of NetBox's REST API, whole. */
export class Netbox {
  readonly #base: string
  readonly #token: string
  readonly #fetch: typeof globalThis.fetch

  constructor({ url, token, fetch = globalThis.fetch }: NetboxOptions) {
    this.#base = url.replace(/\/+$/, '')
    this.#token = token
    this.#fetch = fetch
  }

  /** Page by page with our own offsets: the addresses that NetBox itself gives are those that its proxy sees. */
  async list<T extends z.ZodType>(
    path: string,
    filter: readonly (readonly [string, string])[],
    item: T,
  ): Promise<z.output<T>[]> {
    const page = z.looseObject({ count: z.number(), results: z.array(item) })
    const all: z.output<T>[] = []
    for (;;) {
      const query = new URLSearchParams()
      for (const [name, value] of filter) query.append(name, value)
      query.set('limit', String(PAGE))
      query.set('offset', String(all.length))
      query.set('ordering', 'id')
      const address = `${this.#base}/api/${path}/?${query}`
      const parsed = page.safeParse(await this.#get(address))
      if (!parsed.success) {
        const at = parsed.error.issues[0]?.path.join('.') ?? ''
        throw failure(
          address,
          `NetBox answers in another form than it documents (at ${at})`,
          'Is it NetBox 3.5 or newer?',
        )
      }
      all.push(...parsed.data.results)
      if (all.length >= parsed.data.count || parsed.data.results.length === 0) return all
    }
  }

  async byId<T extends z.ZodType>(
    path: string,
    name: string,
    ids: readonly number[],
    item: T,
  ): Promise<z.output<T>[]> {
    const found: z.output<T>[] = []
    for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
      const some = ids.slice(at, at + IDS_AT_ONCE).map((id) => [name, String(id)] as const)
      found.push(...(await this.list(path, some, item)))
    }
    return found
  }

  async #get(address: string): Promise<unknown> {
    let response: Response
    try {
      response = await this.#fetch(address, {
        headers: { authorization: `Token ${this.#token}`, accept: 'application/json' },
        // A redirect would have the token go elsewhere.
        redirect: 'error',
        signal: AbortSignal.timeout(REQUEST_MS),
      })
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      const seen = cause instanceof Error ? cause.message : String(cause)
      throw new CliFailure(
        exitCodes.unreachable,
        `NetBox cannot be reached: ${seen}`,
        address,
        'Check --netbox-url; a private authority is named by NODE_EXTRA_CA_CERTS.',
      )
    }
    if (response.status === 401 || response.status === 403) {
      throw failure(
        address,
        `NetBox refused the token (HTTP ${response.status})`,
        'Give one that may read DCIM and IPAM.',
      )
    }
    if (!response.ok)
      throw failure(address, `NetBox answered HTTP ${response.status}`, 'Look at what it says there.')
    try {
      return await response.json()
    } catch {
      throw failure(
        address,
        'NetBox did not answer in JSON',
        'Check --netbox-url: it is the address without /api.',
      )
    }
  }
}

function failure(where: string, what: string, remedy: string): CliFailure {
  return new CliFailure(exitCodes.refused, what, where, remedy)
}
