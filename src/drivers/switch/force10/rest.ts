import { Client, errors } from 'undici'
import { FerruleError } from '../../../domain/errors.ts'
import { splitAddress } from '../address.ts'
import type { SwitchEndpoint, SwitchTimeouts } from '../types.ts'

/** FTOS and OS9 serve their REST API there in plain HTTP. */
const DEFAULT_PORT = 8008

/** A running-config of the largest stack is below a megabyte. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024

/** An idle connection is ours to close, before the switch does it under the next write. */
const IDLE_MS = 2_000

const CONTENT_TYPE = 'application/vnd.yang.data+xml'

export const defaultTimeouts: SwitchTimeouts = { connectMs: 5_000, requestMs: 15_000 }

export interface RestAnswer {
  status: number
  body: string
}

/** HTTP with Basic authentication to one switch, over one kept connection. */
export class Force10Rest {
  readonly address: string
  readonly #authorization: string
  readonly #timeouts: SwitchTimeouts
  readonly #client: Client

  constructor(endpoint: SwitchEndpoint, timeouts: Partial<SwitchTimeouts> = {}) {
    this.address = endpoint.address
    const { host, port } = splitAddress(endpoint.address, DEFAULT_PORT)
    this.#authorization = `Basic ${Buffer.from(`${endpoint.username}:${endpoint.password}`).toString('base64')}`
    this.#timeouts = { ...defaultTimeouts, ...timeouts }
    this.#client = new Client(`http://${host.includes(':') ? `[${host}]` : host}:${port}`, {
      connect: { timeout: this.#timeouts.connectMs },
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      maxResponseSize: MAX_ANSWER_BYTES,
    })
  }

  /**
   * @throws switch-unreachable (no connection, time-out, or the switch says that it is busy), switch-auth (401, 403),
   * lease-lost when `signal` fires. Any other status is returned.
   */
  async send(method: 'GET' | 'POST', path: string, body?: string, signal?: AbortSignal): Promise<RestAnswer> {
    const answer = await this.#exchange(method, path, body, signal)
    if (answer.status === 401 || answer.status === 403) throw this.#authError(answer.status)
    if ([429, 502, 503, 504].includes(answer.status)) {
      throw this.#unreachable(`it answered HTTP ${answer.status} to ${method} ${path}`)
    }
    return answer
  }

  close(): void {
    // what is under way ends with an error of its own
    this.#client.destroy().catch(() => undefined)
  }

  async #exchange(
    method: 'GET' | 'POST',
    path: string,
    body: string | undefined,
    signal?: AbortSignal,
  ): Promise<RestAnswer> {
    if (signal?.aborted) throw this.#leaseLost()
    const { requestMs } = this.#timeouts
    const ended = new AbortController()
    const late = setTimeout(() => ended.abort(), requestMs)
    const lost = () => ended.abort()
    signal?.addEventListener('abort', lost, { once: true })
    try {
      const response = await this.#client.request({
        method,
        path,
        headers: {
          authorization: this.#authorization,
          accept: '*/*',
          ...(body === undefined ? {} : { 'content-type': CONTENT_TYPE }),
        },
        ...(body === undefined ? {} : { body }),
        signal: ended.signal,
      })
      return { status: response.statusCode, body: await response.body.text() }
    } catch (error) {
      if (signal?.aborted) throw this.#leaseLost()
      if (ended.signal.aborted)
        throw this.#unreachable(`no answer to ${method} ${path} within ${requestMs / 1000} s`)
      throw this.#unreachable(this.#reason(error))
    } finally {
      clearTimeout(late)
      signal?.removeEventListener('abort', lost)
    }
  }

  #reason(error: unknown): string {
    if (error instanceof errors.ConnectTimeoutError)
      return `no connection within ${this.#timeouts.connectMs / 1000} s`
    if (error instanceof errors.ResponseExceededMaxSizeError) return 'its answer is too long'
    const message = error instanceof Error ? error.message : String(error)
    return message === '' ? 'the connection failed' : message
  }

  #unreachable(seen: string): FerruleError {
    return new FerruleError(
      'switch-unreachable',
      `Switch ${this.address} cannot be reached: ${seen}`,
      'Check its power, the management network and that its REST interface is enabled with HTTP (rest-api).',
      { address: this.address },
    )
  }

  #authError(status: number): FerruleError {
    return new FerruleError(
      'switch-auth',
      `Switch ${this.address} refused the user name or password (HTTP ${status})`,
      'Correct the credentials in the rack file; writing needs privilege 2 or more on the switch.',
      { address: this.address, httpStatus: status },
    )
  }

  #leaseLost(): FerruleError {
    return new FerruleError(
      'lease-lost',
      `The lease on switch ${this.address} was lost while it was being written`,
      'The operation that holds it now, or a repeat of this one, brings the ports to their wanted state.',
      { address: this.address },
    )
  }
}
