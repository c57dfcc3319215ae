import type { SerialPort } from '../world/types.ts'

/** The command that leads to the machine's serial port. */
export const ENTRY_COMMAND = 'console'
/** Logins of one BMC at a time. */
export const MOST_SESSIONS = 4
/** The key that leads back: Ctrl-\. */
const LEAVE = 0x1c
const PROMPT = 'bmc-> '
/** A line beyond this is no command. */
const LONGEST = 200

export interface Terminal {
  write(bytes: string | Buffer): void
  /** Ends the session. */
  end(): void
}

/** Who has the machine's serial port by SSH: one at a time. */
export class ConsoleSeat {
  taken: CommandLine | null = null
}

/** The command line of a BMC, from which one gets to the machine's serial port. */
export class CommandLine {
  readonly #terminal: Terminal
  readonly #port: SerialPort
  readonly #seat: ConsoleSeat
  #line = ''
  #stop: () => void = () => {}

  constructor(terminal: Terminal, port: SerialPort, seat: ConsoleSeat) {
    this.#terminal = terminal
    this.#port = port
    this.#seat = seat
    terminal.write(`Lab BMC 1.10\r\n${PROMPT}`)
  }

  receive(bytes: Buffer): void {
    let from = 0
    for (const [at, byte] of bytes.entries()) {
      if (this.#seat.taken !== this) {
        this.#key(byte)
        from = at + 1
      } else if (byte === LEAVE) {
        if (at > from) this.#port.type(bytes.subarray(from, at))
        from = at + 1
        this.leave()
        this.#terminal.write(`\r\n${PROMPT}`)
      }
    }
    if (from < bytes.length && this.#seat.taken === this) this.#port.type(bytes.subarray(from))
  }

  /** Gives the serial port back, if it has it. */
  leave(): void {
    if (this.#seat.taken !== this) return
    this.#stop()
    this.#seat.taken = null
  }

  #key(byte: number): void {
    const key = String.fromCharCode(byte)
    if (key === '\r' || key === '\n') {
      const command = this.#line.trim()
      this.#line = ''
      this.#terminal.write('\r\n')
      this.#run(command)
    } else if (byte === 0x7f || byte === 0x08) {
      if (this.#line === '') return
      this.#line = this.#line.slice(0, -1)
      this.#terminal.write('\b \b')
    } else if (byte >= 0x20 && this.#line.length < LONGEST) {
      this.#line += key
      this.#terminal.write(key)
    }
  }

  #run(command: string): void {
    if (command === 'exit') {
      this.#terminal.end()
      return
    }
    if (command === ENTRY_COMMAND && this.#seat.taken === null) {
      this.#seat.taken = this
      this.#stop = this.#port.onOutput((bytes) => this.#terminal.write(bytes))
      return
    }
    if (command === ENTRY_COMMAND) this.#terminal.write('The console is in use by another session.\r\n')
    else if (command !== '')
      this.#terminal.write(`${command}: no such command; there are console and exit\r\n`)
    this.#terminal.write(PROMPT)
  }
}
