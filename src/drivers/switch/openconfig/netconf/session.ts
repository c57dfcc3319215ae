import ssh2, { type Client, type ClientChannel } from 'ssh2'
import type { FerruleError } from '../../../../domain/errors.ts'
import type { SwitchTimeouts } from '../../types.ts'
import { leaseLost, notUnderstood, unreachable } from '../errors.ts'
import { Deframer, frame } from './framing.ts'
import { logIn } from './login.ts'
import { parseHello, parseReply, type Reply } from './reply.ts'
import type { NetconfTarget } from './target.ts'
import { BASE_10, BASE_11, helloMessage, rpcMessage } from './words.ts'

interface Pending {
  resolve(reply: Reply): void
  reject(error: FerruleError): void
}

/** One NETCONF session over SSH (RFC 6241, 6242). It ends with its first fault, and everything that waits with it. */
export class NetconfSession {
  readonly #address: string
  readonly #requestMs: number
  readonly #client: Client
  readonly #channel: ClientChannel
  readonly #deframer = new Deframer()
  /** RFC 6241 §4.2: answers come in the order of the questions, and carry their number. */
  readonly #pending = new Map<string, Pending>()
  #greeted: { resolve(capabilities: readonly string[]): void; reject(error: FerruleError): void } | null =
    null
  #capabilities: readonly string[] = []
  #chunked = false
  #lastId = 0
  #ended: FerruleError | null = null

  private constructor(target: NetconfTarget, client: Client, channel: ClientChannel, requestMs: number) {
    this.#address = target.address
    this.#requestMs = requestMs
    this.#client = client
    this.#channel = channel
    channel.on('data', (bytes: Buffer) => this.#receive(bytes))
    channel.on('error', () => this.#end(unreachable(this.#address, 'the session broke')))
    channel.on('close', () => this.#end(unreachable(this.#address, 'it ended the session')))
    client.on('close', () => this.#end(unreachable(this.#address, 'the connection was closed')))
  }

  /** @throws switch-unreachable, switch-auth, switch-refused */
  static async open(target: NetconfTarget, timeouts: SwitchTimeouts): Promise<NetconfSession> {
    const client = new ssh2.Client()
    try {
      await logIn(client, target, timeouts.connectMs)
      const channel = await subsystem(client, target.address, timeouts.connectMs)
      const session = new NetconfSession(target, client, channel, timeouts.requestMs)
      await session.#greet(timeouts.connectMs)
      return session
    } catch (error) {
      client.destroy()
      throw error
    }
  }

  get capabilities(): readonly string[] {
    return this.#capabilities
  }

  get ended(): boolean {
    return this.#ended !== null
  }

  get busy(): boolean {
    return this.#pending.size > 0
  }

  /**
   * The answer, be it good or an error. An answer that is late, or that nobody waits for any more, ends the session:
   * what comes of its request must be read anew.
   * @throws switch-unreachable, lease-lost when `signal` fires
   */
  async rpc(operation: string, signal?: AbortSignal): Promise<Reply> {
    if (signal?.aborted) {
      this.#end(leaseLost(this.#address))
      throw leaseLost(this.#address)
    }
    if (this.#ended) throw this.#ended
    this.#lastId += 1
    const id = String(this.#lastId)
    const lost = () => this.#end(leaseLost(this.#address))
    const late = setTimeout(
      () => this.#end(unreachable(this.#address, `no answer within ${this.#requestMs / 1000} s`)),
      this.#requestMs,
    )
    signal?.addEventListener('abort', lost, { once: true })
    try {
      return await new Promise<Reply>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject })
        this.#channel.write(frame(rpcMessage(id, operation), this.#chunked))
      })
    } finally {
      clearTimeout(late)
      signal?.removeEventListener('abort', lost)
      this.#pending.delete(id)
    }
  }

  /** Its locks and its unconfirmed commit go with it. */
  close(): void {
    this.#end(unreachable(this.#address, 'the session was closed'))
  }

  async #greet(connectMs: number): Promise<void> {
    const late = setTimeout(
      () => this.#end(unreachable(this.#address, `no greeting within ${connectMs / 1000} s`)),
      connectMs,
    )
    try {
      this.#capabilities = await new Promise((resolve, reject) => {
        this.#greeted = { resolve, reject }
        this.#channel.write(frame(helloMessage, false))
      })
    } finally {
      clearTimeout(late)
    }
  }

  #receive(bytes: Buffer): void {
    if (this.#ended) return
    try {
      this.#deframer.push(bytes)
      for (let text = this.#deframer.next(); text !== null && !this.#ended; text = this.#deframer.next()) {
        this.#handle(text)
      }
    } catch (error) {
      this.#end(notUnderstood(this.#address, error instanceof Error ? error.message : String(error)))
    }
  }

  #handle(text: string): void {
    const greeted = this.#greeted
    if (greeted) {
      this.#greeted = null
      const capabilities = parseHello(text)
      this.#chunked = capabilities.includes(BASE_11)
      if (this.#chunked) this.#deframer.useChunks()
      else if (!capabilities.includes(BASE_10)) throw new Error('it speaks neither base:1.1 nor base:1.0')
      greeted.resolve(capabilities)
      return
    }
    const reply = parseReply(text)
    // A server that lost the number answers in order all the same.
    const [first] = this.#pending.keys()
    this.#pending.get(reply.id ?? first ?? '')?.resolve(reply)
  }

  #end(reason: FerruleError): void {
    if (this.#ended) return
    this.#ended = reason
    this.#greeted?.reject(reason)
    for (const waiting of this.#pending.values()) waiting.reject(reason)
    this.#client.destroy()
  }
}

function subsystem(client: Client, address: string, connectMs: number): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(unreachable(address, `no NETCONF subsystem within ${connectMs / 1000} s`)),
      connectMs,
    )
    client.subsys('netconf', (error, channel) => {
      clearTimeout(late)
      if (error) reject(notUnderstood(address, 'it has no SSH subsystem "netconf"'))
      else resolve(channel)
    })
  })
}
