import { FerruleError } from '../../../domain/errors.ts'
import type { HostLease } from '../../../domain/lease.ts'
import type { BmcAddress } from './address.ts'
import { completion, isRetryable, mayHaveRun } from './completion-codes.ts'
import { type Credentials, sameCredentials } from './credentials.ts'
import { refused, uncertain, unreachable } from './errors.ts'
import { type LoginMemory, login } from './login.ts'
import type { Command } from './message.ts'
import { type IpmiSettings, pause } from './options.ts'
import { answersSessionless } from './probe.ts'
import type { Session } from './session.ts'
import { Transport } from './transport.ts'

/** What an operation may ask of the BMC while it has its turn. */
export interface Channel {
  readonly address: string
  readonly settings: IpmiSettings
  /**
   * A command that may run twice: on silence the session is renewed once and the command sent again. Throws
   * bmc-unreachable, bmc-auth, bmc-refused.
   */
  request(command: Command, lease?: HostLease): Promise<Buffer>
  /**
   * A command sent once; undefined if its reply was lost. Only an idempotent one is retransmitted within the session,
   * because most BMCs do not recognise a duplicate and would run it twice.
   */
  attempt(command: Command, lease: HostLease, options: { idempotent: boolean }): Promise<Buffer | undefined>
}

interface OpenSession {
  session: Session
  transport: Transport
  credentials: Credentials
}

/** Tries of one command that the BMC answers with "busy" and the like. */
const busyTries = 5

/** One BMC: operations wait in a queue, so that there is one session and one request in flight at most. */
export class IpmiClient {
  readonly #address: BmcAddress
  readonly #settings: IpmiSettings
  #queue: Promise<void> = Promise.resolve()
  #waiting = 0
  #open: OpenSession | undefined
  #remembered: LoginMemory | undefined
  #cancelLinger: () => void = () => undefined

  constructor(address: BmcAddress, settings: IpmiSettings) {
    this.#address = address
    this.#settings = settings
  }

  /** Runs `work` when its turn comes. The session stays for the next operation, for the linger time. */
  run<T>(credentials: Credentials, work: (channel: Channel) => Promise<T>): Promise<T> {
    this.#waiting += 1
    const result = this.#queue.then(() => {
      this.#cancelLinger()
      return work(this.#channel(credentials))
    })
    this.#queue = result.then(
      () => this.#rest(),
      () => this.#rest(),
    )
    return result
  }

  /** Ends the session after the operations that wait already. Later ones log in again. */
  close(): Promise<void> {
    this.#cancelLinger()
    this.#queue = this.#queue.then(() => this.#end())
    return this.#queue
  }

  async #rest(): Promise<void> {
    this.#waiting -= 1
    if (this.#settings.sessionLingerMs === 0) return this.#end()
    if (this.#waiting > 0 || this.#open === undefined) return
    this.#cancelLinger = this.#settings.clock.after(this.#settings.sessionLingerMs, () => void this.close())
  }

  #channel(credentials: Credentials): Channel {
    return {
      address: this.#address.key,
      settings: this.#settings,
      request: (command, lease) => this.#request(credentials, command, lease),
      attempt: (command, lease, { idempotent }) => this.#attempt(credentials, command, lease, idempotent),
    }
  }

  async #request(credentials: Credentials, command: Command, lease: HostLease | undefined): Promise<Buffer> {
    const first = await this.#attempt(credentials, command, lease, true)
    if (first !== undefined) return first
    // The BMC is there but has forgotten the session: once more, in a new one.
    const second = await this.#attempt(credentials, command, lease, true)
    if (second !== undefined) return second
    throw unreachable(this.#address.key, `silence to "${command.name}" in two sessions`)
  }

  async #attempt(
    credentials: Credentials,
    command: Command,
    lease: HostLease | undefined,
    idempotent: boolean,
  ): Promise<Buffer | undefined> {
    let wait = this.#settings.retransmitMs
    for (let attempt = 1; ; attempt += 1) {
      const { session } = await this.#ensureSession(credentials)
      await lease?.check()
      const reply = await session
        .request(command, { retransmit: idempotent, signal: lease?.signal })
        .catch((reason: unknown) => {
          throw leaseLost(reason, this.#address.key, command.name)
        })
      if (reply === undefined) {
        if ((await this.#dropSilentSession()) === 'alive') return undefined
        const seen = 'silence to it and to a sessionless probe'
        if (!idempotent) throw uncertain(this.#address.key, command.name, seen)
        throw unreachable(this.#address.key, `"${command.name}": ${seen}`)
      }
      const code = reply.completionCode
      if (code === completion.ok) return reply.data
      if (!idempotent && mayHaveRun(code)) {
        throw uncertain(
          this.#address.key,
          command.name,
          `completion code 0x${code.toString(16).toUpperCase()}`,
        )
      }
      if (!isRetryable(code) || attempt === busyTries) throw refused(this.#address.key, command.name, code)
      await pause(this.#settings.clock, wait)
      wait *= 2
    }
  }

  async #ensureSession(credentials: Credentials): Promise<OpenSession> {
    if (this.#open && sameCredentials(this.#open.credentials, credentials)) return this.#open
    await this.#end()
    const transport = await Transport.connect(this.#address, this.#settings.clock)
    try {
      const target = { address: this.#address.key, transport, credentials, remembered: this.#remembered }
      const { session, worked } = await login(target, this.#settings)
      this.#remembered = worked
      this.#open = { session, transport, credentials }
      return this.#open
    } catch (error) {
      transport.close()
      throw error
    }
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
    open.transport.close()
    return alive ? 'alive' : 'silent'
  }

  async #end(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return
    await open.session.close()
    open.transport.close()
  }
}

function leaseLost(reason: unknown, address: string, command: string): FerruleError {
  if (reason instanceof FerruleError) return reason
  return new FerruleError(
    'lease-lost',
    `The hold on the host of BMC ${address} was lost while "${command}" was under way.`,
    'Wait: the operation that holds the host now, or the next retry, goes on from the true state.',
    { address, command },
  )
}
