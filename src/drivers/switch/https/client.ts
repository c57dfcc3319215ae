import { Client, errors } from 'undici'
import type { FerruleError } from '../../../domain/errors.ts'
import type { SwitchEndpoint, SwitchTimeouts } from '../types.ts'
import { trustedConnector, WrongCertificate } from './connector.ts'
import { leaseLost, refused, unauthorised, unreachable, untrusted } from './errors.ts'
import type { HttpTarget } from './target.ts'

/** The configuration of the largest chassis is below a megabyte, and structured answers are several times as long. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024

/** An idle connection is ours to close, before the switch does it under the next write. */
const IDLE_MS = 2_000

const defaultTimeouts: SwitchTimeouts = { connectMs: 10_000, requestMs: 30_000 }

export interface HttpAsk {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  json?: unknown
  /** What is sent and accepted, where it is not called application/json. */
  mediaType?: string
}

export interface HttpAnswer {
  status: number
  body: string
}

/** JSON over HTTPS with Basic authentication to one switch, over one kept connection. Redirects are never followed. */
export class HttpSwitchClient {
  readonly address: string
  readonly timeouts: SwitchTimeouts
  readonly #authorization: string
  readonly #client: Client

  constructor(
    target: HttpTarget,
    endpoint: SwitchEndpoint,
    timeouts: Partial<SwitchTimeouts> = {},
    maxAnswerBytes: number = MAX_ANSWER_BYTES,
  ) {
    this.address = target.address
    this.timeouts = { ...defaultTimeouts, ...timeouts }
    this.#authorization = `Basic ${Buffer.from(`${endpoint.username}:${endpoint.password}`).toString('base64')}`
    this.#client = new Client(target.origin, {
      connect: trustedConnector(target, this.timeouts.connectMs),
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      maxResponseSize: maxAnswerBytes,
    })
  }

  /**
   * @throws switch-unreachable (no connection, time-out, or the switch says that it is busy), switch-auth (401, 403, not
   * the certificate of the rack file), switch-refused (a redirect), lease-lost when `signal` fires. Any other status is
   * returned.
   */
  async send(ask: HttpAsk, signal?: AbortSignal): Promise<HttpAnswer> {
    const answer = await this.#exchange(ask, signal)
    const { status } = answer
    if (status === 401 || status === 403) throw unauthorised(this.address, status)
    if ([429, 502, 503, 504].includes(status)) {
      throw unreachable(this.address, `it answered HTTP ${status} to ${ask.method} ${ask.path}`)
    }
    if (status >= 300 && status < 400) {
      throw refused(
        this.address,
        `${ask.method} ${ask.path}`,
        'it sends us elsewhere (a redirect is not followed)',
        {
          httpStatus: status,
        },
      )
    }
    return answer
  }

  close(): void {
    // what is under way ends with an error of its own
    this.#client.destroy().catch(() => undefined)
  }

  async #exchange(
    { method, path, json, mediaType = 'application/json' }: HttpAsk,
    signal?: AbortSignal,
  ): Promise<HttpAnswer> {
    if (signal?.aborted) throw leaseLost(this.address)
    const { requestMs } = this.timeouts
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
          accept: mediaType,
          ...(json === undefined ? {} : { 'content-type': mediaType }),
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        signal: ended.signal,
      })
      return { status: response.statusCode, body: await response.body.text() }
    } catch (error) {
      if (signal?.aborted) throw leaseLost(this.address)
      if (ended.signal.aborted) {
        throw unreachable(this.address, `no answer to ${method} ${path} within ${requestMs / 1000} s`)
      }
      throw this.#connectionFault(error)
    } finally {
      clearTimeout(late)
      signal?.removeEventListener('abort', lost)
    }
  }

  #connectionFault(error: unknown): FerruleError {
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof WrongCertificate || isOfTheCertificate(error))
      return untrusted(this.address, message)
    if (error instanceof errors.ConnectTimeoutError) {
      return unreachable(this.address, `no connection within ${this.timeouts.connectMs / 1000} s`)
    }
    if (error instanceof errors.ResponseExceededMaxSizeError) {
      return unreachable(this.address, 'its answer is too long')
    }
    return unreachable(this.address, message === '' ? 'the connection failed' : message)
  }
}

/** OpenSSL's verdicts on a chain (X509_V_ERR_…) as node names them, and node's own on the name. */
function isOfTheCertificate(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return /^(ERR_TLS_CERT|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|INVALID_CA|PATH_LENGTH)/.test(
    String(error.code),
  )
}
