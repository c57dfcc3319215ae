import type { Session } from '../session.ts'

/** The console on stdout, and on stderr what Ferrule itself says of it: in brackets, on lines of its own. */
export class Notes {
  readonly #session: Session
  #said = ''
  #midLine = false

  constructor(session: Session) {
    this.#session = session
  }

  print(bytes: Buffer): void {
    this.#midLine = bytes.at(-1) !== 0x0a
    process.stdout.write(bytes)
  }

  /** Once, if nothing else was said meanwhile. */
  say(text: string): void {
    if (text === this.#said) return
    this.#said = text
    // the terminal is in raw mode: \n alone would not go back to the first column
    this.#session.err(`${this.#midLine ? '\r\n' : ''}[ferrule: ${text}]\r\n`)
    this.#midLine = false
  }

  /** A key that gets nowhere. */
  ring(): void {
    if (this.#session.terminal) this.#session.err('\x07')
  }
}
