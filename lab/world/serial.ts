import type { Clock, SerialPort } from './types.ts'

/** What a terminal server keeps of a port, so that who comes late still sees the crash. */
const HISTORY_BYTES = 64 * 1024

/** Whatever reads the port on the machine's side now. */
export interface SerialReader {
  type(bytes: Buffer): void
  /** The line was held low: Linux takes the next key as a magic SysRq. */
  break(): void
}

/** A line of text, or what makes it at the moment when it is printed. */
export type SerialText = string | (() => string)

/** The machine's end of its serial port. */
export class SerialLine implements SerialPort {
  readonly #clock: Clock
  readonly #listeners = new Set<(bytes: Buffer) => void>()
  #history: Buffer[] = []
  #kept = 0
  #reader: SerialReader | null = null
  /** Lines of a narration that are still to come. */
  #pending: SerialText[] = []
  #narration = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  history(): Buffer {
    return Buffer.concat(this.#history)
  }

  onOutput(listener: (bytes: Buffer) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  type(bytes: Buffer): void {
    this.#reader?.type(bytes)
  }

  sendBreak(): void {
    this.#reader?.break()
  }

  readBy(reader: SerialReader | null): void {
    this.#reader = reader
  }

  /** Writes as a terminal driver does: each \n becomes \r\n. What was still to be narrated comes first. */
  write(text: string): void {
    this.#finishNarration()
    this.#put(text)
  }

  print(...lines: string[]): void {
    for (const line of lines) this.write(`${line}\n`)
  }

  /**
   * Prints lines spread over `spanMs` of virtual time, the first one now. It holds nobody up: whoever is busy meanwhile
   * sleeps by itself, so that what is printed changes no time.
   */
  narrate(spanMs: number, lines: readonly SerialText[], signal: AbortSignal): void {
    this.#finishNarration()
    this.#pending = [...lines]
    this.#narration += 1
    this.#tell(this.#narration, spanMs / lines.length, signal).catch(() => {
      // Power is gone, and with it what was to be printed.
    })
  }

  /** Power is gone: nobody reads, and nothing more is printed. */
  cut(): void {
    this.#reader = null
    this.#pending = []
  }

  async #tell(narration: number, stepMs: number, signal: AbortSignal): Promise<void> {
    const start = this.#clock.now()
    for (let at = 0; narration === this.#narration && this.#pending.length > 0; at += 1) {
      const [line] = this.#pending.splice(0, 1)
      if (line !== undefined) this.#put(`${textOf(line)}\n`)
      if (this.#pending.length > 0)
        await this.#clock.sleep(start + (at + 1) * stepMs - this.#clock.now(), signal)
    }
  }

  #finishNarration(): void {
    const rest = this.#pending
    this.#pending = []
    for (const line of rest) this.#put(`${textOf(line)}\n`)
  }

  #put(text: string): void {
    const bytes = Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'))
    this.#history.push(bytes)
    this.#kept += bytes.length
    while (this.#kept > HISTORY_BYTES) this.#kept -= this.#history.shift()?.length ?? this.#kept
    for (const listener of this.#listeners) listener(bytes)
  }
}

function textOf(text: SerialText): string {
  return typeof text === 'string' ? text : text()
}
