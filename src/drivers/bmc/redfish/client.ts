import type { z } from 'zod'
import { FerruleError } from '../../../domain/errors.ts'
import { type Answer, type Ask, type BmcLogin, retryAfter } from './ask.ts'
import { authFailed, lost, malformed, refused, unreachable } from './errors.ts'
import { Connection, type HttpRequest, ReplyLost, TooLong } from './http.ts'
import { type Authentication, Login } from './login.ts'
import { messagesOf } from './messages.ts'
import { type RedfishSettings, wait } from './options.ts'
import { NotConnected, type TrustedBmc } from './tls.ts'
import { otherSlash, pathOnHost } from './uri.ts'

const mostRedirects = 3
const busyTries = 4

/** One BMC with one login. Requests wait in a queue, so that there is one in flight at most, and one session. */
export class RedfishClient {
  readonly address: string
  readonly settings: RedfishSettings
  readonly #connection: Connection
  readonly #login: Login
  readonly #base: string
  readonly #authority: string
  #queue: Promise<unknown> = Promise.resolve()
  /** HPE answers 406 to a request that wants no compression. */
  #identityRefused = false

  constructor(bmc: TrustedBmc, credentials: BmcLogin, settings: RedfishSettings) {
    this.address = bmc.address.key
    this.settings = settings
    this.#base = `https://${bmc.address.key}`
    this.#authority = bmc.address.authority
    this.#connection = new Connection(bmc, settings)
    this.#login = new Login(credentials, { address: this.address, base: this.#base, settings }, (ask) =>
      this.#send(ask, {}),
    )
  }

  /**
   * Any answer of the BMC, whatever its status. Repeated inside is only what was surely not done: a login that ran
   * out, a BMC that says it is busy, a path without its slash; and a GET whose answer was lost.
   *
   * @throws bmc-unreachable (details.mayHaveRun: sent, and no answer), bmc-auth, bmc-untrusted, bmc-refused, lease-lost
   */
  request(ask: Ask): Promise<Answer> {
    const result = this.#queue.then(() => this.#run(ask))
    this.#queue = result.catch(() => undefined)
    return result
  }

  /** As `request`, and any answer but 2xx is an error. */
  async ok(ask: Ask): Promise<Answer> {
    return this.accepted(ask, await this.request(ask))
  }

  accepted(ask: Ask, answer: Answer): Answer {
    if (answer.status >= 200 && answer.status < 300) return answer
    throw refused(this.address, ask.what, answer.status, messagesOf(answer.json))
  }

  async read<Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    what: string,
  ): Promise<{ value: z.output<Schema>; answer: Answer }> {
    const answer = await this.ok({ method: 'GET', path, what })
    return { value: this.parse(schema, answer.json, what), answer }
  }

  parse<Schema extends z.ZodType>(schema: Schema, json: unknown, what: string): z.output<Schema> {
    const parsed = schema.safeParse(json)
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    // By its place, never by its value.
    throw malformed(this.address, what, `something else (${issue?.path.join('.') || 'the whole'})`)
  }

  /** A link in an answer as a path on this BMC. */
  path(linked: string, what: string): string {
    const path = pathOnHost(linked, this.#base)
    if (path === undefined) throw malformed(this.address, what, 'a link that leads away from it')
    return path
  }

  get base(): string {
    return this.#base
  }

  /** Ends the session after the requests that wait already; a later one logs in again. */
  close(): Promise<void> {
    const result = this.#queue.then(async () => {
      await this.#login.end()
      this.#connection.close()
    })
    this.#queue = result.catch(() => undefined)
    return result
  }

  async #run(ask: Ask): Promise<Answer> {
    this.#login.keep()
    try {
      const first = await this.#authenticated(ask)
      if (first.status !== 404) return first
      const second = await this.#authenticated({ ...ask, path: otherSlash(ask.path) })
      return second.status === 404 ? first : second
    } finally {
      this.#login.linger(() => void this.close())
    }
  }

  async #authenticated(ask: Ask): Promise<Answer> {
    const how = await this.#login.headers()
    const answer = await this.#patient(ask, how.headers)
    if (answer.status !== 401) {
      this.#login.worked()
      return answer
    }
    // A session may have ended by itself: once more with a new one. A password that is refused is not tried again.
    const again = await this.#renewed(how, answer)
    return this.#patient(ask, again.headers)
  }

  async #renewed(how: Authentication, answer: Answer): Promise<Authentication> {
    await this.#login.forget()
    if (how.kind === 'basic') {
      if (how.full) throw how.full
      const error = authFailed(this.address, 'HTTP 401')
      this.#login.refused(error)
      throw error
    }
    const fresh = await this.#login.headers()
    if (fresh.kind === 'session') return fresh
    throw refused(this.address, 'accept its own session', answer.status, messagesOf(answer.json))
  }

  /** 429 and 503 say that nothing was done. */
  async #patient(ask: Ask, headers: Record<string, string>): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#send(ask, headers)
      if ((answer.status !== 429 && answer.status !== 503) || attempt === busyTries) return answer
      await wait(this.settings, retryAfter(answer.headers, 2 * attempt))
    }
  }

  /** One request, with the redirects that stay on this BMC. */
  async #send(ask: Ask, headers: Record<string, string>): Promise<Answer> {
    let path = ask.path
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.#exchange({ ...ask, path }, headers)
      if (answer.status === 406 && !this.#identityRefused) {
        this.#identityRefused = true
        continue
      }
      const location = answer.headers.location
      if (!isRedirect(ask.method, answer.status) || location === undefined) return answer
      const next = pathOnHost(location, this.#base)
      if (next === undefined || redirects === mostRedirects)
        throw malformed(this.address, ask.what, 'a redirect that leads away from it')
      path = next
    }
  }

  async #exchange(ask: Ask, headers: Record<string, string>): Promise<Answer> {
    const body = ask.body === undefined ? undefined : JSON.stringify(ask.body)
    const request: HttpRequest = {
      method: ask.method,
      path: ask.path,
      body,
      signal: ask.lease?.signal,
      headers: {
        Host: this.#authority,
        Accept: 'application/json',
        'OData-Version': '4.0',
        'User-Agent': 'ferrule',
        ...(this.#identityRefused ? {} : { 'Accept-Encoding': 'identity' }),
        ...(body === undefined
          ? {}
          : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }),
        ...headers,
        ...ask.headers,
      },
    }
    for (let attempt = 1; ; attempt += 1) {
      await ask.lease?.check()
      try {
        const { status, headers, body } = await this.#connection.exchange(request)
        return { status, headers, json: parseJson(body), path: ask.path }
      } catch (error) {
        if (ask.method === 'GET' && error instanceof ReplyLost && attempt === 1) continue
        throw this.#failure(ask, error)
      }
    }
  }

  #failure(ask: Ask, error: unknown): unknown {
    if (error instanceof FerruleError) return error
    if (error instanceof NotConnected) return unreachable(this.address, error.message)
    if (error instanceof TooLong) return malformed(this.address, ask.what, error.message)
    if (error instanceof ReplyLost) {
      return ask.method === 'GET'
        ? unreachable(this.address, error.message)
        : lost(this.address, ask.what, error.message)
    }
    if (!ask.lease?.signal.aborted) return error
    // The reason of the abort may be anything.
    return new FerruleError(
      'lease-lost',
      `The hold on the host of BMC ${this.address} was lost while it was asked to ${ask.what}.`,
      'Wait: the operation that holds the host now, or the next retry, goes on from the true state.',
      { address: this.address },
    )
  }
}

/** A redirected change has not been done yet, and 307 and 308 keep its method (RFC 9110 §15.4). */
function isRedirect(method: Ask['method'], status: number): boolean {
  if (status === 307 || status === 308) return true
  return method === 'GET' && (status === 301 || status === 302)
}

function parseJson(body: string): unknown {
  if (body === '') return undefined
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
