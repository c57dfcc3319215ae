import { Agent, FormData, request } from 'undici'
import { FerruleError } from '../domain/errors.ts'
import type { Lease } from '../domain/lease.ts'
import type { Answer, Ask, Pairs } from './exchange.ts'
import { refusal, unreachable, unreadable } from './http-errors.ts'
import { type ApiKey, authorization } from './oauth.ts'

export interface Timeouts {
  /** Milliseconds. MAAS may ask a BMC for 60 s before it answers a read. */
  read: number
  /** Milliseconds. Deploy and release wait for power changes inside the call (MAAS 3.5+). */
  write: number
  /** Milliseconds before each further try of a read; as many tries as there are pauses. */
  pauses: readonly number[]
}

export const defaultTimeouts: Timeouts = { read: 90_000, write: 180_000, pauses: [250, 1000, 3000] }

export interface HttpOptions {
  endpoints: readonly string[]
  key: ApiKey
  timeouts: Timeouts
  random: (bytes: number) => Uint8Array
  now: () => number
}

export interface Http {
  readonly endpoints: readonly string[]
  /** From this region controller and no other, tried once. Milliseconds. */
  readAt(endpoint: string, ask: Ask, timeout: number): Promise<Answer>
  /** Retried on lost connections and 502–504. `once`: a failed try is the answer. */
  read(ask: Ask, options?: { once?: boolean }): Promise<Answer>
  /** Never retried. A lease is proven right before the request leaves, and its loss aborts the request. */
  write(lease: Lease | null, ask: Ask): Promise<Answer>
}

/** Kept connections of every client in this process, apart from those of `fetch`, which is another version's. */
const connections = new Agent()

const TRANSIENT = new Set([502, 503, 504])
/** The request has surely not reached any MAAS. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

export function createHttp(options: HttpOptions): Http {
  const { endpoints, timeouts } = options
  // The endpoint that answered last is asked first: a dead region controller costs its time-out only once.
  let preferred = 0
  const inOrder = () => endpoints.map((_, index) => (preferred + index) % endpoints.length)

  async function send(endpoint: string, ask: Ask, timeout: number, signal?: AbortSignal): Promise<Answer> {
    const expiry = AbortSignal.timeout(timeout)
    const { contentType, body } = payload(ask)
    const url = urlOf(endpoint, ask)
    const headers = {
      Accept: 'application/json',
      Authorization: authorization(options.key, nonce(options.random), Math.floor(options.now() / 1000)),
      ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
    }
    try {
      const response = await request(url, {
        dispatcher: connections,
        method: ask.method,
        signal: signal ? AbortSignal.any([expiry, signal]) : expiry,
        headers,
        ...(body === undefined ? {} : { body }),
      })
      return {
        status: response.statusCode,
        contentType: first(response.headers['content-type']) ?? '',
        retryAfter: first(response.headers['retry-after']) ?? null,
        body: await response.body.text(),
      }
    } catch (error) {
      if (error instanceof FerruleError) throw error
      throw new LostConnection(error)
    }
  }

  async function sendTo(index: number, ask: Ask, timeout: number, signal?: AbortSignal): Promise<Answer> {
    const answer = await send(endpoints[index] ?? '', ask, timeout, signal)
    preferred = index
    return answer
  }

  async function readOnce(ask: Ask): Promise<Answer | { lost: unknown }> {
    let lost: unknown
    for (const index of inOrder()) {
      try {
        return await sendTo(index, ask, timeouts.read)
      } catch (error) {
        lost = error
      }
    }
    return { lost }
  }

  return {
    endpoints,

    async readAt(endpoint, ask, timeout) {
      let answer: Answer
      try {
        answer = await send(endpoint, ask, timeout)
      } catch (error) {
        throw unreachable(ask, [endpoint], error, true)
      }
      return checked(ask, answer)
    },

    async read(ask, { once = false } = {}) {
      const pauses = once ? [] : timeouts.pauses
      for (let tries = 0; ; tries += 1) {
        const answer = await readOnce(ask)
        const isLost = 'lost' in answer
        if (!isLost && !TRANSIENT.has(answer.status) && !isConflict(answer)) return checked(ask, answer)
        const pause = pauses[tries]
        if (pause === undefined) {
          if (isLost) throw unreachable(ask, endpoints, answer.lost, true)
          return checked(ask, answer)
        }
        await new Promise((resolve) => setTimeout(resolve, pause))
      }
    },

    async write(lease, ask) {
      let lost: unknown
      for (const index of inOrder()) {
        await lease?.check()
        try {
          return checked(ask, await sendTo(index, ask, timeouts.write, lease?.signal))
        } catch (error) {
          if (!(error instanceof LostConnection)) throw error
          lost = error
          if (!neverSent(error)) break
        }
      }
      // A lost lease says more than the broken connection that it caused.
      if (lease?.signal.aborted) await lease.check()
      throw unreachable(ask, endpoints, lost, neverSent(lost))
    },
  }
}

/** The body as JSON, for `wire.ts` to look into. */
export function json(ask: Ask, answer: Answer): unknown {
  try {
    return JSON.parse(answer.body)
  } catch {
    throw unreadable(ask, answer)
  }
}

function checked(ask: Ask, answer: Answer): Answer {
  if (answer.status >= 200 && answer.status < 300) return answer
  throw refusal(ask, answer)
}

/** MAAS gave up on a conflict of database transactions; nothing has happened. */
function isConflict(answer: Answer): boolean {
  return answer.status === 409 && answer.contentType.startsWith('text/html')
}

function urlOf(base: string, ask: Ask): string {
  const search = encoded([...(ask.op ? [['op', ask.op] as const] : []), ...(ask.query ?? [])])
  return `${base}/api/2.0/${ask.path}${search === '' ? '' : `?${search}`}`
}

function payload(ask: Ask): { contentType?: string; body?: string | FormData } {
  if (ask.file) {
    const form = new FormData()
    for (const [name, value] of ask.form ?? []) form.append(name, value)
    form.append(ask.file.field, new Blob([ask.file.content]), ask.file.name)
    return { body: form }
  }
  if (ask.method !== 'POST' && ask.method !== 'PUT') return {}
  return { contentType: 'application/x-www-form-urlencoded', body: encoded(ask.form ?? []) }
}

function encoded(pairs: Pairs): string {
  const search = new URLSearchParams()
  for (const [name, value] of pairs) search.append(name, value)
  return search.toString()
}

function nonce(random: (bytes: number) => Uint8Array): string {
  return Buffer.from(random(16)).toString('hex')
}

/** A header that came twice counts by its first. */
function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}

/** No whole answer came: a broken connection, a time-out (TimeoutError) or an abort, which is the cause. */
class LostConnection extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.name = 'LostConnection'
  }
}

function neverSent(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  const all = cause instanceof AggregateError ? cause.errors : [cause]
  return all.every((one) => NEVER_SENT.has(codeOf(one)))
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
