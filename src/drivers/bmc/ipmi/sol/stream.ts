import type { Clock } from '../options.ts'
import { operation, type SolPacket, status } from './packet.ts'

/** Wait before a packet is sent again (§15.11 leaves it to us; table 26-5 parameter 4 is the BMC's own). */
const retryMs = 500
const retries = 6

export interface SolStreamEvents {
  send(packet: SolPacket): void
  onCharacters(characters: Buffer): void
  /** No answer to a packet and its repetitions: the BMC has gone, or has given the console to somebody else. */
  onSilence(): void
  onDeactivating(): void
}

/** What a write came to. */
export type Written = 'taken' | 'unavailable' | 'ended'

interface Waiting {
  characters: Buffer
  flags: number
  done(written: Written): void
}

interface Outstanding {
  packet: SolPacket
  sent: number
  cancel(): void
}

/**
 * Both directions of a serial console (IPMI 2.0 §15.9, §15.11), without the session below it: one packet without answer
 * at a time, repeated until it has one; each packet of the BMC is answered, and delivered once.
 */
export class SolStream {
  readonly #clock: Clock
  readonly #most: number
  readonly #events: SolStreamEvents
  readonly #waiting: Waiting[] = []
  #outstanding: Outstanding | undefined
  #sequence = 0
  /** Refusals of the first waiting write in a row. */
  #refusals = 0
  #pausing = false
  #lastReceived = 0
  #lastLength = 0
  #ended = false

  /** `most` is how many characters a packet may carry. */
  constructor(clock: Clock, most: number, events: SolStreamEvents) {
    this.#clock = clock
    this.#most = most
    this.#events = events
  }

  write(characters: Buffer): Promise<Written> {
    return characters.length === 0 ? Promise.resolve('taken') : this.#enqueue(Buffer.from(characters), 0)
  }

  sendBreak(): Promise<Written> {
    return this.#enqueue(Buffer.alloc(0), operation.break)
  }

  receive(packet: SolPacket): void {
    if (this.#ended) return
    if (packet.acknowledges !== 0) this.#acknowledged(packet)
    if (packet.sequence !== 0) this.#deliver(packet)
    if ((packet.flags & status.deactivating) !== 0) this.#events.onDeactivating()
  }

  /** Nothing is sent or delivered any more; writes that wait are told so. */
  end(): void {
    this.#ended = true
    this.#outstanding?.cancel()
    this.#outstanding = undefined
    for (const waiting of this.#waiting.splice(0)) waiting.done('ended')
  }

  #enqueue(characters: Buffer, flags: number): Promise<Written> {
    if (this.#ended) return Promise.resolve('ended')
    return new Promise((done) => {
      this.#waiting.push({ characters, flags, done })
      this.#sendNext()
    })
  }

  #sendNext(): void {
    const [first] = this.#waiting
    if (this.#outstanding || this.#pausing || first === undefined || this.#ended) return
    this.#sequence = (this.#sequence % 15) + 1
    const packet: SolPacket = {
      sequence: this.#sequence,
      acknowledges: 0,
      accepted: 0,
      flags: first.flags,
      characters: first.characters.subarray(0, this.#most),
    }
    this.#outstanding = { packet, sent: 0, cancel: () => undefined }
    this.#transmit(this.#outstanding)
  }

  #transmit(outstanding: Outstanding): void {
    if (outstanding.sent > retries) {
      this.#events.onSilence()
      return
    }
    outstanding.sent += 1
    outstanding.cancel = this.#clock.after(retryMs, () => this.#transmit(outstanding))
    this.#events.send(outstanding.packet)
  }

  #acknowledged(answer: SolPacket): void {
    const outstanding = this.#outstanding
    const [first] = this.#waiting
    if (outstanding === undefined || first === undefined) return
    // The answer to an earlier copy, or to a packet that was answered already.
    if (outstanding.packet.sequence !== answer.acknowledges) return
    outstanding.cancel()
    this.#outstanding = undefined

    const sent = outstanding.packet.characters.length
    const refused = (answer.flags & (status.nack | status.unavailable)) !== 0
    // Without a refusal a packet without characters, a break, has been taken.
    const taken = Math.min(answer.accepted, sent)
    first.characters = first.characters.subarray(taken)
    if (taken > 0 || (sent === 0 && !refused)) this.#refusals = 0
    else this.#refusals += 1

    // What was not taken goes out as a packet of its own (§15.11).
    if (first.characters.length === 0 && !(sent === 0 && refused)) this.#finish('taken')
    else if (this.#refusals > retries) this.#finish('unavailable')
    else if (taken === 0 || refused) this.#pauseSending()
    this.#sendNext()
  }

  #finish(written: Written): void {
    this.#refusals = 0
    this.#waiting.shift()?.done(written)
  }

  /** Once the BMC has had time to make room. */
  #pauseSending(): void {
    this.#pausing = true
    this.#clock.after(retryMs, () => {
      this.#pausing = false
      this.#sendNext()
    })
  }

  #deliver({ sequence, characters }: SolPacket): void {
    // A repetition has the same number. It may carry more than the first copy: only the rest is new.
    const known = sequence === this.#lastReceived ? this.#lastLength : 0
    this.#lastReceived = sequence
    this.#lastLength = Math.max(known, characters.length)
    this.#events.send({
      sequence: 0,
      acknowledges: sequence,
      accepted: Math.min(characters.length, 0xff),
      flags: 0,
      characters: Buffer.alloc(0),
    })
    if (characters.length > known) this.#events.onCharacters(characters.subarray(known))
  }
}
