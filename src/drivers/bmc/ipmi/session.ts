import { type Command, decodeReply, encodeRequest, type Reply } from './message.ts'
import { type IpmiSettings, shortBudget } from './options.ts'
import { ReplayWindow } from './replay-window.ts'
import { decodeInSession, encodeInSession, payloadType, type SessionKeys } from './rmcp.ts'
import type { Transport } from './transport.ts'

export interface SessionIds {
  /** How the BMC addresses us. */
  consoleId: number
  /** How we address the BMC. */
  bmcId: number
}

export interface RequestOptions {
  /** May the same packet be sent again while no reply has come? Only for commands that may run twice. */
  retransmit: boolean
  budgetMs?: number
  signal?: AbortSignal | undefined
}

/** What else may travel in a session, beside commands: the packets of one payload type. */
export interface PayloadListener {
  onPayload(payload: Buffer): void
  /** The session has ended, for this reason. Nothing comes any more. */
  onEnd(reason: string): void
}

/** An open RMCP+ session: one request in flight. */
export class Session {
  readonly #transport: Transport
  readonly #keys: SessionKeys
  readonly #ids: SessionIds
  readonly #settings: IpmiSettings
  readonly #window = new ReplayWindow()
  #sequence = 0
  #requestSequence = 0
  #listener: { type: number; to: PayloadListener } | undefined
  #over = false

  constructor(transport: Transport, keys: SessionKeys, ids: SessionIds, settings: IpmiSettings) {
    this.#transport = transport
    this.#keys = keys
    this.#ids = ids
    this.#settings = settings
  }

  /** The reply, or undefined if none came in time: lost, or the BMC has forgotten the session. */
  request(command: Command, options: RequestOptions): Promise<Reply | undefined> {
    const requestSequence = this.#nextRequestSequence()
    return this.#transport.exchange({
      // A retransmit keeps the request's number and takes a new session number, else the BMC drops it as a replay.
      packet: () => this.#seal(encodeRequest(command, requestSequence)),
      accept: (packet) => {
        const message = this.#open(packet)
        return message && decodeReply(message, command, requestSequence)
      },
      budgetMs: options.budgetMs ?? this.#settings.requestTimeoutMs,
      retransmitMs: options.retransmit ? this.#settings.retransmitMs : undefined,
      signal: options.signal,
    })
  }

  /** How the BMC names this session. */
  get id(): number {
    return this.#ids.bmcId
  }

  get over(): boolean {
    return this.#over
  }

  /** Hears every packet of that payload type, until the session ends. One listener. */
  listen(type: number, listener: PayloadListener): void {
    this.#listener = { type, to: listener }
    this.#transport.onIdle((packet) => void this.#open(packet))
  }

  /** One packet of another payload type than commands; lost without a word if the network loses it. */
  sendPayload(type: number, payload: Buffer): void {
    if (!this.#over) this.#transport.send(this.#seal(payload, type))
  }

  /** Frees the BMC's slot. A missing reply changes nothing for us. */
  close(reason = 'the session was closed'): Promise<unknown> {
    this.tellEnd(reason)
    return this.request(this.#closeCommand(), { retransmit: true, budgetMs: shortBudget(this.#settings) })
  }

  /** The same without waiting, for a session that probably is gone already. */
  abandon(): void {
    this.#over = true
    this.#transport.send(this.#seal(encodeRequest(this.#closeCommand(), this.#nextRequestSequence())))
  }

  /** Close Session (IPMI 2.0 §22.19). */
  #closeCommand(): Command {
    const data = Buffer.alloc(4)
    data.writeUInt32LE(this.#ids.bmcId)
    return { name: 'Close Session', netFn: 0x06, number: 0x3c, data }
  }

  /** Tells the listener that nothing comes any more. */
  tellEnd(reason: string): void {
    this.#over = true
    const listener = this.#listener
    this.#listener = undefined
    listener?.to.onEnd(reason)
  }

  /** The message in a packet of ours, or undefined; other payloads go to whoever listens for them. */
  #open(packet: Buffer): Buffer | undefined {
    const received = decodeInSession(this.#keys, this.#ids.consoleId, packet)
    if (received === undefined || !this.#window.accept(received.sequence)) return undefined
    if (received.type === payloadType.ipmi) return received.payload
    if (received.type === this.#listener?.type) this.#listener.to.onPayload(received.payload)
    return undefined
  }

  #seal(message: Buffer, type: number = payloadType.ipmi): Buffer {
    this.#sequence += 1
    const iv = this.#settings.random(16)
    return encodeInSession(this.#keys, this.#ids.bmcId, this.#sequence, message, iv, type)
  }

  /** Six bits (§13.8 figure 13-4). */
  #nextRequestSequence(): number {
    this.#requestSequence = (this.#requestSequence + 1) & 0x3f
    return this.#requestSequence
  }
}
