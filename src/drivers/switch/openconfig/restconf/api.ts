import { z } from 'zod'
import type { HttpSwitchClient } from '../../https/client.ts'
import { refused } from '../../https/errors.ts'

/** RFC 8040 §5.2. SONiC's server takes no other. */
const MEDIA_TYPE = 'application/yang-data+json'

/** RFC 8040 §7.1. */
const errors = z.looseObject({
  'ietf-restconf:errors': z.looseObject({
    error: z.array(
      z.looseObject({ 'error-tag': z.string().optional(), 'error-message': z.string().optional() }),
    ),
  }),
})

/** Data resources and operations of one server of RFC 8040. */
export class RestconfApi {
  readonly #http: HttpSwitchClient

  constructor(http: HttpSwitchClient) {
    this.#http = http
  }

  /** Null where there is no such resource. @throws switch-refused, and what the client throws */
  async get(resource: string): Promise<unknown> {
    const path = `/restconf/data/${resource}`
    const { status, body } = await this.#http.send({ method: 'GET', path, mediaType: MEDIA_TYPE })
    if (status === 404) return null
    if (status === 200) return this.#parsed(`GET ${path}`, body)
    throw this.#refused(`GET ${path}`, status, body)
  }

  /** What the resource has beside `json` stays. */
  async merge(resource: string, json: unknown, signal: AbortSignal): Promise<void> {
    const path = `/restconf/data/${resource}`
    const { status, body } = await this.#http.send(
      { method: 'PATCH', path, json, mediaType: MEDIA_TYPE },
      signal,
    )
    if (status !== 200 && status !== 204) throw this.#refused(`PATCH ${path}`, status, body)
  }

  /** One that is not there is gone. */
  async remove(resource: string, signal: AbortSignal): Promise<void> {
    const path = `/restconf/data/${resource}`
    const { status, body } = await this.#http.send({ method: 'DELETE', path, mediaType: MEDIA_TYPE }, signal)
    if (status !== 200 && status !== 204 && status !== 404)
      throw this.#refused(`DELETE ${path}`, status, body)
  }

  async invoke(operation: string, json: unknown, signal: AbortSignal): Promise<unknown> {
    const path = `/restconf/operations/${operation}`
    const { status, body } = await this.#http.send(
      { method: 'POST', path, json, mediaType: MEDIA_TYPE },
      signal,
    )
    if (status === 204) return null
    if (status === 200) return this.#parsed(`POST ${path}`, body)
    throw this.#refused(`POST ${path}`, status, body)
  }

  #parsed(what: string, body: string): unknown {
    try {
      return JSON.parse(body)
    } catch {
      // the library's words may quote the configuration
      throw refused(this.#http.address, what, 'the answer is no JSON')
    }
  }

  #refused(what: string, httpStatus: number, body: string) {
    const said = saidIn(body) ?? `HTTP ${httpStatus}`
    return refused(this.#http.address, what, said, { httpStatus })
  }
}

function saidIn(body: string): string | null {
  try {
    const [first] = errors.parse(JSON.parse(body))['ietf-restconf:errors'].error
    return [first?.['error-tag'], first?.['error-message']].filter(Boolean).join(': ') || null
  } catch {
    return null
  }
}
