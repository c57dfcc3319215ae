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

/** An open RMCP+ session: one request in flight. */
export class Session {
  readonly #transport: Transport
  readonly #keys: SessionKeys
  readonly #ids: SessionIds
  readonly #settings: IpmiSettings
  readonly #window = new ReplayWindow()
  #sequence = 0
  #requestSequence = 0

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
        const received = decodeInSession(this.#keys, this.#ids.consoleId, packet)
        if (received === undefined || !this.#window.accept(received.sequence)) return undefined
        return received.type === payloadType.ipmi
          ? decodeReply(received.payload, command, requestSequence)
          : undefined
      },
      budgetMs: options.budgetMs ?? this.#settings.requestTimeoutMs,
      retransmitMs: options.retransmit ? this.#settings.retransmitMs : undefined,
      signal: options.signal,
    })
  }

  /** Frees the BMC's slot. A missing reply changes nothing for us. */
  async close(): Promise<void> {
    await this.request(this.#closeCommand(), { retransmit: true, budgetMs: shortBudget(this.#settings) })
  }

  /** The same without waiting, for a session that probably is gone already. */
  abandon(): void {
    this.#transport.send(this.#seal(encodeRequest(this.#closeCommand(), this.#nextRequestSequence())))
  }

  /** Close Session (IPMI 2.0 §22.19). */
  #closeCommand(): Command {
    const data = Buffer.alloc(4)
    data.writeUInt32LE(this.#ids.bmcId)
    return { name: 'Close Session', netFn: 0x06, number: 0x3c, data }
  }

  #seal(message: Buffer): Buffer {
    this.#sequence += 1
    return encodeInSession(this.#keys, this.#ids.bmcId, this.#sequence, message, this.#settings.random(16))
  }

  /** Six bits (§13.8 figure 13-4). */
  #nextRequestSequence(): number {
    this.#requestSequence = (this.#requestSequence + 1) & 0x3f
    return this.#requestSequence
  }
}
