import type { SerialPort } from '../world/types.ts'
import type { BmcDials } from './dials.ts'
import { decodeSol, encodeSol, SOL_OPERATION, SOL_STATUS, type SolPacket } from './sol-packet.ts'
import type { SolSettings } from './sol-settings.ts'

/** Characters that one packet of a console may carry; more are taken in part, and the rest is to come again. */
export const SOL_INBOUND_CHARACTERS = 64
/** And one of the BMC's. */
export const SOL_OUTBOUND_CHARACTERS = 200
/** Output that waits for a slow console; what is older is lost, and the next packet says so. */
const BUFFER_BYTES = 8 * 1024

interface InFlight {
  sequence: number
  characters: Buffer
  sendsLeft: number
}

export interface SolParts {
  serialPort: SerialPort
  settings: SolSettings
  dials: Pick<BmcDials, 'solMute'>
  /** A machine that is off takes no characters. */
  powered(): boolean
  /** Puts a payload on its way to the console. */
  send(payload: Buffer): void
}

/** One activation of serial over LAN: the two streams of characters between a console and the machine's serial port. */
export class SolChannel {
  private readonly parts: SolParts
  private readonly stopListening: () => void
  private waiting = Buffer.alloc(0)
  private overrun = false
  private inFlight: InFlight | null = null
  private lastSent = 0
  private lastHeard = { sequence: 0, accepted: 0, flags: 0 }
  private timer: NodeJS.Timeout | undefined

  constructor(parts: SolParts) {
    this.parts = parts
    this.stopListening = parts.serialPort.onOutput((bytes) => this.output(bytes))
  }

  /** What a console sent; the answer is an acknowledgement, or null. */
  receive(payload: Buffer): Buffer | null {
    const packet = decodeSol(payload)
    if (packet === null) return null
    const repeated = packet.sequence !== 0 && packet.sequence === this.lastHeard.sequence
    if (!repeated) this.operate(packet)
    if (packet.acknowledged !== 0) this.acknowledged(packet)
    if (packet.sequence === 0) return null
    // A repeated packet has been heeded: only its acknowledgement was lost.
    if (!repeated) {
      const refused = packet.characters.length > 0 && !this.parts.powered()
      const taken = packet.characters.subarray(0, refused ? 0 : SOL_INBOUND_CHARACTERS)
      const flags = refused ? SOL_STATUS.nack | SOL_STATUS.unavailable : 0
      this.lastHeard = { sequence: packet.sequence, accepted: taken.length, flags }
      if (taken.length > 0 && !this.parts.dials.solMute) this.parts.serialPort.type(Buffer.from(taken))
    }
    const { sequence, accepted, flags } = this.lastHeard
    return encodeSol({ sequence: 0, acknowledged: sequence, accepted, flags, characters: Buffer.alloc(0) })
  }

  /** Ends it. `tell`: with a word to the console. */
  stop(tell: boolean): void {
    this.cancel()
    this.stopListening()
    if (!tell) return
    const nothing = { sequence: 0, acknowledged: 0, accepted: 0, characters: Buffer.alloc(0) }
    this.parts.send(encodeSol({ ...nothing, flags: SOL_STATUS.deactivated }))
  }

  private operate({ flags }: SolPacket): void {
    if ((flags & SOL_OPERATION.break) !== 0) this.parts.serialPort.sendBreak()
    if ((flags & SOL_OPERATION.flushOutbound) !== 0) this.waiting = Buffer.alloc(0)
  }

  private acknowledged({ acknowledged, accepted, flags }: SolPacket): void {
    const sent = this.inFlight
    if (sent === null || acknowledged !== sent.sequence) return
    this.cancel()
    this.inFlight = null
    const flushed = (flags & SOL_OPERATION.flushOutbound) !== 0
    const rest = sent.characters.subarray(flushed ? sent.characters.length : accepted)
    this.waiting = Buffer.concat([rest, this.waiting])
    // A console that cannot take more now gets the rest after a pause.
    if ((flags & SOL_OPERATION.nack) !== 0) this.later(this.parts.settings.retryMs, () => this.sendNext())
    else if (rest.length > 0 || this.waiting.length >= this.parts.settings.sendThreshold) this.sendNext()
    else this.accumulate()
  }

  private output(bytes: Buffer): void {
    if (this.parts.dials.solMute) return
    this.waiting = Buffer.concat([this.waiting, bytes])
    if (this.waiting.length > BUFFER_BYTES) {
      this.waiting = this.waiting.subarray(this.waiting.length - BUFFER_BYTES)
      this.overrun = true
    }
    if (this.inFlight !== null) return
    if (this.waiting.length >= this.parts.settings.sendThreshold) this.sendNext()
    else this.accumulate()
  }

  /** A few characters wait for more of them, so that not each has a packet of its own. */
  private accumulate(): void {
    if (this.waiting.length > 0 && this.timer === undefined)
      this.later(this.parts.settings.accumulateMs, () => this.sendNext())
  }

  private sendNext(): void {
    this.cancel()
    if (this.inFlight !== null || this.waiting.length === 0) return
    const characters = Buffer.from(this.waiting.subarray(0, SOL_OUTBOUND_CHARACTERS))
    this.waiting = this.waiting.subarray(characters.length)
    this.lastSent = (this.lastSent % 15) + 1
    this.inFlight = { sequence: this.lastSent, characters, sendsLeft: this.parts.settings.retries + 1 }
    this.transmit()
  }

  private transmit(): void {
    const packet = this.inFlight
    if (packet === null) return
    if (packet.sendsLeft === 0) {
      // Nobody acknowledges it: these characters are lost, and the next ones have their turn.
      this.inFlight = null
      this.sendNext()
      return
    }
    packet.sendsLeft -= 1
    const { sequence, characters } = packet
    const flags = this.overrun ? SOL_STATUS.overrun : 0
    this.overrun = false
    this.parts.send(encodeSol({ sequence, acknowledged: 0, accepted: 0, flags, characters }))
    this.later(this.parts.settings.retryMs, () => this.transmit())
  }

  private cancel(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private later(ms: number, act: () => void): void {
    this.cancel()
    this.timer = setTimeout(() => {
      this.timer = undefined
      act()
    }, ms)
    this.timer.unref()
  }
}
