import { Agent, type IncomingMessage, request } from 'node:http'
import { FerruleError } from '../../../domain/errors.ts'
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

/**
 * HTTP with Basic authentication to one switch, over one kept connection. node:http and not fetch, because fetch of
 * Node 20 has no connect time-out of its own: a dead switch must be known as dead after 5 s, not after 15.
 */
export class Force10Rest {
  readonly address: string
  readonly #host: string
  readonly #port: number
  readonly #authorization: string
  readonly #timeouts: SwitchTimeouts
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1, timeout: IDLE_MS })

  constructor(endpoint: SwitchEndpoint, timeouts: Partial<SwitchTimeouts> = {}) {
    this.address = endpoint.address
    const { host, port } = splitAddress(endpoint.address)
    this.#host = host
    this.#port = port
    this.#authorization = `Basic ${Buffer.from(`${endpoint.username}:${endpoint.password}`).toString('base64')}`
    this.#timeouts = { ...defaultTimeouts, ...timeouts }
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
    this.#agent.destroy()
  }

  #exchange(
    method: string,
    path: string,
    body: string | undefined,
    signal?: AbortSignal,
  ): Promise<RestAnswer> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(this.#leaseLost())
      const headers: Record<string, string | number> = { Authorization: this.#authorization, Accept: '*/*' }
      if (body !== undefined) {
        headers['Content-Type'] = CONTENT_TYPE
        headers['Content-Length'] = Buffer.byteLength(body)
      }
      const sent = request({ host: this.#host, port: this.#port, method, path, headers, agent: this.#agent })
      const fail = (error: FerruleError) => {
        sent.destroy()
        settle(() => reject(error))
      }
      const { connectMs, requestMs } = this.#timeouts
      const late = (ms: number, what: string) =>
        setTimeout(() => fail(this.#unreachable(`${what} within ${ms / 1000} s`)), ms)
      const total = late(requestMs, `no answer to ${method} ${path}`)
      let connect: NodeJS.Timeout | undefined
      const aborted = () => fail(this.#leaseLost())
      const settle = (done: () => void) => {
        clearTimeout(total)
        clearTimeout(connect)
        signal?.removeEventListener('abort', aborted)
        done()
      }
      signal?.addEventListener('abort', aborted, { once: true })
      sent.on('socket', (socket) => {
        if (!socket.connecting) return
        connect = late(connectMs, 'no connection')
        socket.once('connect', () => clearTimeout(connect))
      })
      sent.on('error', (error) => fail(this.#unreachable(reason(error))))
      sent.on('response', (response) => {
        readBody(response).then(
          (text) => settle(() => resolve({ status: response.statusCode ?? 0, body: text })),
          (error: unknown) => fail(this.#unreachable(reason(error))),
        )
      })
      sent.end(body)
    })
  }

  #unreachable(seen: string): FerruleError {
    return new FerruleError(
      'switch-unreachable',
      `Switch ${this.address} cannot be reached: ${seen}`,
      'Check its power, the management network and that `rest-api` with HTTP is enabled on it; the call may be repeated.',
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

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) throw new Error('its answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message === '' ? 'the connection failed' : message
}

function splitAddress(address: string): { host: string; port: number } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(address)
  if (bracketed?.[1]) return { host: bracketed[1], port: Number(bracketed[2] ?? DEFAULT_PORT) }
  const parts = address.split(':')
  if (parts.length > 2) return { host: address, port: DEFAULT_PORT }
  return { host: parts[0] ?? address, port: Number(parts[1] ?? DEFAULT_PORT) }
}
