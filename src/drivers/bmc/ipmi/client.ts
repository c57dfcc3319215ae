import { FerruleError } from '../../../domain/errors.ts'
import type { HostLease } from '../../../domain/lease.ts'
import type { BmcAddress } from './address.ts'
import { completion, isRetryable, mayHaveRun } from './completion-codes.ts'
import { type Credentials, sameCredentials } from './credentials.ts'
import { refused, sessionsFull, uncertain, unreachable } from './errors.ts'
import { type LoginMemory, login, raisePrivilege } from './login.ts'
import type { Command, Reply } from './message.ts'
import { type IpmiSettings, pause } from './options.ts'
import { answersSessionless } from './probe.ts'
import { type Privilege, privilege } from './rakp.ts'
import type { Session } from './session.ts'
import { Transport } from './transport.ts'

/** What may be asked by work that only reads. */
export interface Inquiry {
  readonly address: string
  readonly settings: IpmiSettings
  /**
   * The BMC's last word on a command that may run twice, whatever its completion code; "busy" and the like were tried
   * again. On silence the session is renewed once. Throws bmc-unreachable, bmc-auth.
   */
  reply(command: Command): Promise<Reply>
}

/** What an operation may ask of the BMC while it has its turn. */
export interface Channel extends Inquiry {
  /** Like `reply`; a completion code other than success is thrown as bmc-refused. */
  request(command: Command, lease?: HostLease): Promise<Buffer>
  /**
   * A command sent once; undefined if its reply was lost. Only an idempotent one is retransmitted within the session,
   * because most BMCs do not recognise a duplicate and would run it twice.
   */
  attempt(command: Command, lease: HostLease, options: { idempotent: boolean }): Promise<Buffer | undefined>
  /** The reply in the session that is open now, or undefined if that one is gone; no new one is opened for it. */
  replyInSession(session: Session, command: Command): Promise<Reply | undefined>
  /** The session that commands use, opened if there is none. */
  session(): Promise<Session>
}

export interface Terms {
  credentials: Credentials
  /** The least privilege that the work needs. Default OPERATOR. */
  needs?: Privilege
  /** Wait for a free session of a BMC that has none, and let the session linger? Default true. */
  patient?: boolean
  /** Keep the session for the next one who says so? Default false. */
  keep?: boolean
}

interface OpenSession {
  session: Session
  transport: Transport
  credentials: Credentials
  privilege: Privilege
  /** False: it still has USER of that privilege. */
  raised: boolean
}

/** Kept sessions that a BMC may forget before none is kept with it any more: each costs the wait for an answer. */
const forgetsAtMost = 2

/** Tries of one command that the BMC answers with "busy" and the like. */
const busyTries = 5

/** One BMC: operations wait in a queue, so that there is one session and one request in flight at most. */
export class IpmiClient {
  readonly #address: BmcAddress
  readonly #settings: IpmiSettings
  /** Why nothing is done any more. */
  #shutDown: FerruleError | undefined
  /** For whoever waits meanwhile; most never do, and there are as many clients as BMCs. */
  #closing: AbortController | undefined
  #queue: Promise<void> = Promise.resolve()
  #inquiries: Promise<void> = Promise.resolve()
  #waiting = 0
  #holders = 0
  #open: OpenSession | undefined
  #remembered: LoginMemory | undefined
  /** Somebody waits for a free session now; what the BMC said. */
  #full: string | undefined
  /** This BMC refuses at USER what IPMI allows there. */
  #strict = false
  /** Somebody comes again for the session that is open. */
  #kept = false
  /** Kept sessions that this BMC has forgotten, sooner than IPMI has it. */
  #forgotten = 0
  #cancelLinger: () => void = () => undefined
  /** Ends when the next command may be sent. */
  #gap: Promise<void> | undefined

  constructor(address: BmcAddress, settings: IpmiSettings) {
    this.#address = address
    this.#settings = settings
  }

  /** Runs `work` when its turn comes. The session stays for the next operation, for the linger time. */
  run<T>(terms: Terms, work: (channel: Channel) => Promise<T>): Promise<T> {
    if (terms.patient === false && this.#full !== undefined)
      return Promise.reject(sessionsFull(this.#address.key, this.#full))
    this.#waiting += 1
    const result = this.#queue.then(() => {
      this.#cancelLinger()
      if (this.#shutDown !== undefined) throw this.#shutDown
      return work(this.#channel(terms))
    })
    const rest = () => {
      this.#waiting -= 1
      return this.#rest(this.#lingerMs(terms))
    }
    this.#queue = result.then(rest, rest)
    return result
  }

  /**
   * Work that only reads and takes many commands: each has a turn of its own, so that whoever switches the power goes
   * in between. The session stays until the end of it. One after the other, because the reservations of two would cancel
   * each other.
   */
  inquire<T>(terms: Terms, work: (inquiry: Inquiry) => Promise<T>): Promise<T> {
    const release = this.hold()
    const result = this.#inquiries.then(() =>
      work({
        address: this.#address.key,
        settings: this.#settings,
        reply: (command) => this.run(terms, (channel) => channel.reply(command)),
      }),
    )
    this.#inquiries = result.then(release, release)
    return result
  }

  /** Keeps the session, once there is one, until the returned function is called. */
  hold(): () => void {
    this.#holders += 1
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#holders -= 1
      this.#queue = this.#queue.then(() => this.#rest(this.#lingerMs({})))
    }
  }

  /** Ends the session after the operations that wait already, unless it is held. Later ones log in again. */
  close(): Promise<void> {
    this.#cancelLinger()
    this.#queue = this.#queue.then(() => (this.#holders > 0 ? undefined : this.#end('it was closed')))
    return this.#queue
  }

  /** The same for good: nothing waits any longer, and all later work is refused with `reason`. */
  shutDown(reason: FerruleError): Promise<void> {
    this.#cancelLinger()
    this.#shutDown = reason
    this.#closing?.abort(reason)
    this.#queue = this.#queue.then(() => this.#end(reason.message))
    return this.#queue
  }

  #lingerMs({ patient, keep }: Pick<Terms, 'patient' | 'keep'>): number {
    if (keep) this.#kept = this.#open !== undefined && this.#forgotten < forgetsAtMost
    if (this.#kept) return this.#settings.keptSessionMs
    return patient === false ? 0 : this.#settings.sessionLingerMs
  }

  #rest(lingerMs: number): Promise<void> | undefined {
    if (this.#holders > 0) return undefined
    if (this.#settings.sessionLingerMs === 0 && !this.#kept) return this.#end('nobody needed it any more')
    if (this.#waiting > 0 || this.#open === undefined) return undefined
    if (lingerMs === 0) return this.#end('nobody needed it any more')
    this.#cancelLinger()
    this.#cancelLinger = this.#settings.clock.after(lingerMs, () => void this.close())
    return undefined
  }

  #channel(terms: Terms): Channel {
    return {
      address: this.#address.key,
      settings: this.#settings,
      reply: (command) => this.#reply(terms, command, undefined),
      request: async (command, lease) => this.#data(command, await this.#reply(terms, command, lease)),
      attempt: async (command, lease, { idempotent }) => {
        const reply = await this.#exchange(terms, command, lease, idempotent)
        return reply && this.#data(command, reply)
      },
      replyInSession: async (session, command) =>
        this.#open?.session === session ? this.#exchange(terms, command, undefined, true) : undefined,
      session: async () => (await this.#ensureSession(terms, undefined, undefined)).session,
    }
  }

  #data(command: Command, reply: Reply): Buffer {
    if (reply.completionCode === completion.ok) return reply.data
    throw refused(this.#address.key, command.name, reply.completionCode)
  }

  async #reply(terms: Terms, command: Command, lease: HostLease | undefined): Promise<Reply> {
    const first = await this.#exchange(terms, command, lease, true)
    if (first !== undefined) return first
    // The BMC is there but has forgotten the session: once more, in a new one.
    const second = await this.#exchange(terms, command, lease, true)
    if (second !== undefined) return second
    throw unreachable(this.#address.key, `silence to "${command.name}" in two sessions`)
  }

  /** The last reply to the command, or undefined if the BMC was silent and has forgotten the session. */
  async #exchange(
    terms: Terms,
    command: Command,
    lease: HostLease | undefined,
    idempotent: boolean,
  ): Promise<Reply | undefined> {
    let wait = this.#settings.retransmitMs
    for (let attempt = 1; ; attempt += 1) {
      const reply = await this.#send(terms, command, lease, idempotent)
      if (reply === undefined) {
        if ((await this.#dropSilentSession()) === 'alive') return undefined
        const seen = 'silence to it and to a sessionless probe'
        if (!idempotent) throw uncertain(this.#address.key, command.name, seen)
        throw unreachable(this.#address.key, `"${command.name}": ${seen}`)
      }
      const code = reply.completionCode
      if (code === completion.insufficientPrivilege && this.#open?.raised === false) {
        this.#strict = true
        continue
      }
      if (!idempotent && mayHaveRun(code)) {
        throw uncertain(
          this.#address.key,
          command.name,
          `completion code 0x${code.toString(16).toUpperCase()}`,
        )
      }
      if (!isRetryable(code) || attempt === busyTries) return reply
      await pause(this.#settings.clock, wait)
      wait *= 2
    }
  }

  async #send(
    terms: Terms,
    command: Command,
    lease: HostLease | undefined,
    idempotent: boolean,
  ): Promise<Reply | undefined> {
    try {
      const { session } = await this.#ensureSession(terms, command, lease)
      // Each await costs, and a look needs neither.
      if (this.#gap !== undefined) await this.#gap
      if (lease !== undefined) await lease.check()
      return await session.request(command, { retransmit: idempotent, signal: lease?.signal })
    } catch (reason) {
      if (reason instanceof FerruleError || !lease?.signal.aborted) throw reason
      throw leaseLost(this.#address.key, command.name)
    } finally {
      const { clock, commandGapMs } = this.#settings
      if (commandGapMs > 0) this.#gap = pause(clock, commandGapMs)
    }
  }

  async #ensureSession(
    terms: Terms,
    command: Command | undefined,
    lease: HostLease | undefined,
  ): Promise<OpenSession> {
    const { credentials, needs = privilege.operator, patient = true } = terms
    const readOnly = command?.level === 'user' && !this.#strict
    const open = this.#open
    if (open && open.privilege >= needs && sameCredentials(open.credentials, credentials)) {
      if (readOnly || open.raised || (await this.#raise(open))) return open
    }
    if (open !== undefined) await this.#end('another login took its place')
    const connecting = Transport.connect(this.#address, this.#settings)
    const transport = connecting instanceof Transport ? connecting : await connecting
    try {
      const {
        session,
        suite,
        privilege: level,
        raised,
      } = await login(
        {
          address: this.#address.key,
          transport,
          credentials,
          needs,
          readOnly,
          remembered: this.#remembered,
          onFull: (seen) => {
            this.#full = seen
          },
          signals: () => this.#endsOfWaiting(lease),
        },
        patient ? this.#settings : { ...this.#settings, sessionsFullMs: 0 },
      )
      // What the console needs beyond OPERATOR is no reason to ask for it every time.
      const usual = needs === privilege.administrator ? this.#remembered?.privilege : level
      this.#remembered = { suite, privilege: usual, credentials }
      this.#open = { session, transport, credentials, privilege: level, raised }
      return this.#open
    } catch (error) {
      transport.close()
      throw error
    } finally {
      this.#full = undefined
    }
  }

  /** False if it takes a new login: the BMC has forgotten the session, or does not grant its user the level any more. */
  async #raise(open: OpenSession): Promise<boolean> {
    const reply = await raisePrivilege(open.session, open.privilege, this.#settings)
    open.raised = reply?.completionCode === completion.ok
    if (reply === undefined && (await this.#dropSilentSession()) === 'silent')
      throw unreachable(
        this.#address.key,
        'silence to Set Session Privilege Level and to a sessionless probe',
      )
    return open.raised
  }

  /**
   * Drops the session that went silent. A BMC says nothing about a session that it has forgotten; only a question
   * without session tells whether it is still there.
   */
  async #dropSilentSession(): Promise<'alive' | 'silent'> {
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return 'silent'
    open.session.abandon()
    const alive = await answersSessionless(open.transport, this.#settings)
    if (alive && this.#kept) this.#forgotten += 1
    this.#kept = false
    open.session.tellEnd(alive ? 'the BMC has forgotten the session' : 'the BMC has gone silent')
    open.transport.close()
    return alive ? 'alive' : 'silent'
  }

  #endsOfWaiting(lease: HostLease | undefined): AbortSignal[] {
    this.#closing ??= new AbortController()
    if (this.#shutDown !== undefined) this.#closing.abort(this.#shutDown)
    return lease ? [this.#closing.signal, lease.signal] : [this.#closing.signal]
  }

  #end(reason: string): Promise<void> | undefined {
    const open = this.#open
    this.#open = undefined
    this.#kept = false
    return open?.session.close(reason).then(() => open.transport.close())
  }
}

function leaseLost(address: string, command: string): FerruleError {
  return new FerruleError(
    'lease-lost',
    `The hold on the host of BMC ${address} was lost while "${command}" was under way.`,
    'Wait: the operation that holds the host now, or the next retry, goes on from the true state.',
    { address, command },
  )
}
