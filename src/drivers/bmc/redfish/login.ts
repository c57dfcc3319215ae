import type { FerruleError } from '../../../domain/errors.ts'
import type { Answer, Ask, BmcLogin } from './ask.ts'
import { authFailed, malformed, refused, sessionsFull } from './errors.ts'
import { type BmcMessage, messagesOf, wordsOf } from './messages.ts'
import type { RedfishSettings } from './options.ts'
import { pathOfLocation, pathOnHost } from './uri.ts'
import { memberSchema, rootSchema } from './wire.ts'

export interface Authentication {
  kind: 'session' | 'basic'
  headers: Record<string, string>
  /** Basic because the BMC had no session left: it may refuse this too, and that says nothing about the password. */
  full?: FerruleError
}

interface Session {
  token: string
  uri: string | undefined
}

export interface LoginPlace {
  address: string
  base: string
  settings: RedfishSettings
}

/** How long Basic is used after the BMC had no free session. Milliseconds. */
const withoutSessionMs = 600_000

const longestRefusalMs = 600_000

/** Message ids by which BMCs say that all sessions are taken (DSP0268 Base; iDRAC: RAC0218). */
const fullMessages = /SessionLimitExceeded|CreateLimitReached|RAC0218|NoFreeSession/i
const refusedMessages = /Unauthorized|InvalidCredential|AuthenticationFail|PasswordIncorrect|InvalidPassword/i

/**
 * How one BMC is logged in to: by a session (DSP0266 §13.3.4), which is deleted at the end; with Basic where there is
 * no session service, or no session left. A refused password is remembered for a while and not sent again, because
 * BMCs lock users out.
 */
export class Login {
  readonly #credentials: BmcLogin
  readonly #place: LoginPlace
  readonly #send: (ask: Ask) => Promise<Answer>
  #session: Session | undefined
  #basicUntil = 0
  #full: FerruleError | undefined
  #refusal: { error: FerruleError; until: number } | undefined
  #refusals = 0
  #cancelLinger: () => void = () => undefined

  constructor(credentials: BmcLogin, place: LoginPlace, send: (ask: Ask) => Promise<Answer>) {
    this.#credentials = credentials
    this.#place = place
    this.#send = send
  }

  /** @throws bmc-auth, bmc-unreachable, bmc-refused */
  async headers(): Promise<Authentication> {
    const now = this.#place.settings.clock.now()
    if (this.#refusal && now < this.#refusal.until) throw this.#refusal.error
    if (this.#session === undefined && now >= this.#basicUntil) this.#session = await this.#open()
    if (this.#session) return { kind: 'session', headers: { 'X-Auth-Token': this.#session.token } }
    return {
      kind: 'basic',
      headers: { Authorization: this.#basic() },
      ...(this.#full ? { full: this.#full } : {}),
    }
  }

  /** Longer each time, for a poller would try for ever. */
  refused(error: FerruleError): void {
    const { clock, refusedLoginMs } = this.#place.settings
    const pause = Math.min(refusedLoginMs * 2 ** this.#refusals, longestRefusalMs)
    this.#refusals += 1
    this.#refusal = { error, until: clock.now() + pause }
  }

  worked(): void {
    this.#refusals = 0
  }

  /** Used: it is not to be ended now. */
  keep(): void {
    this.#cancelLinger()
  }

  linger(end: () => void): void {
    this.#cancelLinger()
    if (this.#session === undefined) return
    const { clock, sessionLingerMs } = this.#place.settings
    this.#cancelLinger = clock.after(sessionLingerMs, end)
  }

  /** The BMC no longer knows the session. */
  async forget(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    // It is only a record: it goes with the next look at what has leaked.
    if (session?.uri)
      await this.#place.settings.sessions.closed(this.#place.address, session.uri).catch(() => undefined)
  }

  async end(): Promise<void> {
    this.#cancelLinger()
    const session = this.#session
    this.#session = undefined
    if (session) await this.#delete(session.token, session.uri)
  }

  async #open(): Promise<Session | undefined> {
    const collection = await this.#sessionCollection()
    if (collection === undefined) return this.#withoutSession(Number.POSITIVE_INFINITY)
    const answer = await this.#send({
      method: 'POST',
      path: collection,
      what: 'open a session',
      body: { UserName: this.#credentials.username, Password: this.#credentials.password },
    })
    const session = this.#judge(answer)
    if (session) this.#full = undefined
    if (session?.uri) await this.#remember(session.token, session.uri)
    return session
  }

  /** A session that cannot be remembered is not kept: after a crash nobody would delete it. */
  async #remember(token: string, uri: string): Promise<void> {
    const { settings, address } = this.#place
    try {
      await settings.sessions.opened(address, uri)
      for (const leaked of await settings.sessions.leaked(address)) await this.#delete(token, leaked)
    } catch (error) {
      await this.#delete(token, uri)
      throw error
    }
  }

  #judge(answer: Answer): Session | undefined {
    const { address } = this.#place
    const messages = messagesOf(answer.json)
    const says = (pattern: RegExp) => messages.some((one) => pattern.test(one.id) || pattern.test(one.text))
    if (answer.status === 200 || answer.status === 201) return this.#sessionOf(answer)
    if (says(fullMessages)) {
      return this.#withoutSession(this.#place.settings.clock.now() + withoutSessionMs, messages)
    }
    if (answer.status === 401 || answer.status === 403 || says(refusedMessages)) {
      const error = authFailed(address, `HTTP ${answer.status} ${wordsOf(messages)}`.trim())
      this.refused(error)
      throw error
    }
    if ([404, 405, 501].includes(answer.status)) return this.#withoutSession(Number.POSITIVE_INFINITY)
    throw refused(address, 'open a session', answer.status, messages)
  }

  #sessionOf(answer: Answer): Session | undefined {
    const token = answer.headers['x-auth-token']
    if (typeof token !== 'string' || !/^[!-~]{1,1024}$/.test(token)) {
      return this.#withoutSession(Number.POSITIVE_INFINITY)
    }
    const uri = answer.headers.location ?? memberSchema.safeParse(answer.json).data?.['@odata.id']
    return { token, uri: uri === undefined ? undefined : pathOfLocation(uri, this.#place.base) }
  }

  /** Basic, until then. With messages: because the BMC is full. */
  #withoutSession(until: number, full?: readonly BmcMessage[]): undefined {
    this.#basicUntil = until
    if (full) this.#full = sessionsFull(this.#place.address, wordsOf(full))
    return undefined
  }

  /** Where sessions are made; undefined if the BMC has none. */
  async #sessionCollection(): Promise<string | undefined> {
    const { address, base } = this.#place
    const what = 'show its service root'
    const answer = await this.#send({ method: 'GET', path: '/redfish/v1/', what })
    if (answer.status === 401) return undefined
    if (answer.status !== 200) throw refused(address, what, answer.status, messagesOf(answer.json))
    const root = rootSchema.safeParse(answer.json)
    if (!root.success) throw malformed(address, what, 'something that is no service root')
    const linked = root.data.Links.Sessions
    if (linked !== undefined) return pathOnHost(linked, base)
    return root.data.SessionService === undefined ? undefined : '/redfish/v1/SessionService/Sessions'
  }

  #basic(): string {
    const { username, password } = this.#credentials
    return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
  }

  /** Never fails: a session that is not deleted ends by itself some time, and its record is looked at again. */
  async #delete(token: string, uri: string | undefined): Promise<void> {
    if (uri === undefined) return
    const { address, settings } = this.#place
    await this.#send({
      method: 'DELETE',
      path: uri,
      what: 'end a session',
      headers: { 'X-Auth-Token': token },
    })
      .then((answer) => (answer.status < 500 ? settings.sessions.closed(address, uri) : undefined))
      .catch(() => undefined)
  }
}
