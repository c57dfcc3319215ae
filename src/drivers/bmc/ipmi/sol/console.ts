import { FerruleError } from '../../../../domain/errors.ts'
import type { ConsoleEnd, SerialConsole } from '../../types.ts'
import type { Channel, IpmiClient, Terms } from '../client.ts'
import { getDeviceId } from '../device-id.ts'
import { unreachable } from '../errors.ts'
import { type IpmiSettings, pause } from '../options.ts'
import { payloadType } from '../rmcp.ts'
import type { Session } from '../session.ts'
import { type Activated, solOwner } from './activate.ts'
import { deactivateSol, getSolOwner } from './commands.ts'
import { decodeSol, encodeSol, headerBytes } from './packet.ts'
import { SolStream, type Written } from './stream.ts'

/** What is kept of the machine's output until somebody listens. */
const mostKept = 64 * 1024

export interface ConsoleContext {
  address: string
  client: IpmiClient
  terms: Terms
  settings: IpmiSettings
}

/** An activated console: the stream, its session, and the watch over both. */
export class SolConsole implements SerialConsole {
  readonly ended: Promise<ConsoleEnd>
  readonly #context: ConsoleContext
  readonly #session: Session
  readonly #stream: SolStream
  readonly #release: () => void
  #resolveEnded: (end: ConsoleEnd) => void = () => undefined
  #end: ConsoleEnd | undefined
  #checking = false
  #suspicion: string | undefined
  /** The BMC names the session that has the console, so that a theft can be seen. */
  #ownerKnown = false
  #cancelKeepAlive: () => void = () => undefined
  #listener: ((data: Buffer) => void) | undefined
  #kept: Buffer[] = []
  #keptBytes = 0

  constructor(context: ConsoleContext, activated: Activated) {
    this.#context = context
    this.#session = activated.session
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
    this.#release = context.client.hold()
    this.#stream = new SolStream(context.settings.clock, activated.inboundSize - headerBytes, {
      send: (packet) => this.#session.sendPayload(payloadType.sol, encodeSol(packet)),
      onCharacters: (characters) => this.#print(characters),
      onSilence: () => void this.#check('it has stopped answering'),
      onDeactivating: () => void this.#check('the BMC has deactivated it'),
    })
    this.#session.listen(payloadType.sol, {
      onPayload: (payload) => this.#receive(payload),
      onEnd: (reason) => this.finish({ reason: 'lost', detail: reason }),
    })
    for (const payload of activated.early) this.#receive(payload)
    this.#scheduleKeepAlive()
  }

  /** Makes sure that the BMC names owners as it named the session; not all do. */
  async learnOwner(channel: Channel): Promise<void> {
    const reply = await channel.replyInSession(this.#session, getSolOwner)
    this.#ownerKnown = reply !== undefined && solOwner(reply) === this.#session.id
  }

  async write(data: Buffer): Promise<void> {
    this.#require(await this.#stream.write(data))
  }

  async sendBreak(): Promise<void> {
    this.#require(await this.#stream.sendBreak())
  }

  onData(listener: (data: Buffer) => void): void {
    this.#listener = listener
    const kept = this.#kept
    this.#kept = []
    this.#keptBytes = 0
    for (const data of kept) listener(data)
  }

  async close(): Promise<void> {
    if (this.#end !== undefined) return
    this.finish({ reason: 'closed', detail: 'it was closed here' })
    const { client, terms } = this.#context
    // The session may be gone already, or the BMC mute: it lets go of the console with the session then.
    await client
      .run(terms, (channel) => channel.replyInSession(this.#session, deactivateSol))
      .catch(() => undefined)
  }

  /** Ends it without a word to the BMC. */
  finish(end: ConsoleEnd): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#cancelKeepAlive()
    this.#stream.end()
    this.#resolveEnded(end)
    this.#release()
  }

  #receive(payload: Buffer): void {
    const packet = decodeSol(payload)
    if (packet !== undefined) this.#stream.receive(packet)
  }

  #print(characters: Buffer): void {
    if (this.#listener !== undefined) {
      this.#listener(characters)
      return
    }
    if (this.#keptBytes + characters.length > mostKept) return
    this.#kept.push(characters)
    this.#keptBytes += characters.length
  }

  #require(written: Written): void {
    const { address } = this.#context
    switch (written) {
      case 'taken':
        return
      case 'ended':
        throw unreachable(address, `its console has ended (${this.#end?.detail ?? 'unknown'})`)
      case 'unavailable':
        throw new FerruleError(
          'bmc-refused',
          `BMC ${address} does not pass characters on to the machine's serial port.`,
          'Check that the machine is on, and that its firmware or system uses the serial port.',
          { address },
        )
    }
  }

  /** A session dies after a minute without commands, in some BMCs after half a minute; console packets may not count. */
  #scheduleKeepAlive(): void {
    const { clock, consoleKeepAliveMs } = this.#context.settings
    this.#cancelKeepAlive = clock.after(consoleKeepAliveMs, () => {
      void this.#check(undefined).then(() => {
        if (this.#end === undefined) this.#scheduleKeepAlive()
      })
    })
  }

  /**
   * Asks the BMC, in the console's own session, who has the console. Somebody else: taken. Silence ends the session, and
   * the console with it. `suspicion`: why it is thought to have ended; if the BMC knows no better, that is the reason.
   */
  async #check(suspicion: string | undefined): Promise<void> {
    this.#suspicion ??= suspicion
    if (this.#checking || this.#end !== undefined) return
    this.#checking = true
    const { client, terms, settings } = this.#context
    try {
      // Who takes it over does so in two steps.
      if (suspicion !== undefined) await pause(settings.clock, settings.retransmitMs)
      const verdict = await client.run(terms, (channel) => this.#ask(channel))
      if (verdict !== undefined) this.finish(verdict)
    } catch {
      // Said by a BMC that is gone, or by our own shutdown; the session's end has told the console already.
    } finally {
      this.#checking = false
    }
    if (this.#suspicion !== undefined) this.finish({ reason: 'lost', detail: this.#suspicion })
  }

  async #ask(channel: Channel): Promise<ConsoleEnd | undefined> {
    const command = this.#ownerKnown ? getSolOwner : getDeviceId
    const reply = await channel.replyInSession(this.#session, command)
    if (reply === undefined) return { reason: 'lost', detail: 'the session has ended' }
    const owner = this.#ownerKnown ? solOwner(reply) : undefined
    if (owner === undefined || owner === this.#session.id) return undefined
    return owner === 0
      ? { reason: 'lost', detail: 'the BMC has deactivated it' }
      : { reason: 'taken', detail: 'another session has it now' }
  }
}
