import type { SerialLine } from './serial.ts'

/** What the login prompt and the shell behind it know of their system. */
export interface GettyHost {
  readonly title: string
  readonly tty: string
  hostname(): string
  /** Is it what this user's password was set to? */
  isPassword(user: string, password: string): boolean
  /** Null: no such program. */
  run(command: string, args: readonly string[]): string | null
}

/** Every installed system of the lab lets in whoever says this at its console. */
export const CONSOLE_PASSWORD = 'lab'

type State = 'name' | 'password' | 'shell'

/** agetty, login and a toy shell on a serial port: echoes, edits by backspace, forgets the line at ^C, ends at ^D. */
export class Getty {
  readonly #serial: SerialLine
  readonly #host: GettyHost
  #state: State = 'name'
  #user = ''
  #line = ''
  #closed = false

  constructor(serial: SerialLine, host: GettyHost) {
    this.#serial = serial
    this.#host = host
  }

  greet(): void {
    this.#state = 'name'
    this.#line = ''
    const { title, tty } = this.#host
    this.#serial.write(`\n${title} ${this.#host.hostname()} ${tty}\n\n${this.#prompt()}`)
  }

  /** The system shuts down: it says nothing more. */
  close(): void {
    this.#closed = true
  }

  type(bytes: Buffer): void {
    for (const key of bytes.toString('utf8')) this.#key(key)
  }

  #key(key: string): void {
    if (key === '\r' || key === '\n') this.#enter()
    else if (key === '\x7f' || key === '\b') this.#erase()
    else if (key === '\x03') this.#interrupt()
    else if (key === '\x04') this.#end()
    else if (key >= ' ') {
      this.#line += key
      if (this.#state !== 'password') this.#serial.write(key)
    }
  }

  #erase(): void {
    if (this.#line === '') return
    this.#line = this.#line.slice(0, -1)
    if (this.#state !== 'password') this.#serial.write('\b \b')
  }

  #interrupt(): void {
    this.#line = ''
    if (this.#state !== 'shell') this.#state = 'name'
    this.#serial.write(`^C\n${this.#prompt()}`)
  }

  #end(): void {
    if (this.#line === '' && this.#state === 'shell') this.#leave()
  }

  #enter(): void {
    const line = this.#line
    this.#line = ''
    this.#serial.write('\n')
    if (this.#state === 'name') {
      this.#user = line.trim()
      if (this.#user !== '') this.#state = 'password'
    } else if (this.#state === 'password') {
      const right = line === CONSOLE_PASSWORD || this.#host.isPassword(this.#user, line)
      this.#state = right ? 'shell' : 'name'
      this.#serial.write(right ? `Welcome to ${this.#host.title}\n\n` : '\nLogin incorrect\n')
    } else if (this.#runs(line)) return
    if (!this.#closed) this.#serial.write(this.#prompt())
  }

  /** True if the command ended the shell. */
  #runs(line: string): boolean {
    const [command, ...args] = line.trim().split(/\s+/)
    if (command === undefined || command === '') return false
    if (command === 'exit' || command === 'logout') {
      this.#leave()
      return true
    }
    const said = command === 'whoami' ? `${this.#user}\n` : this.#host.run(command, args)
    this.#serial.write(said ?? `-bash: ${command}: command not found\n`)
    return false
  }

  #leave(): void {
    this.#serial.write('logout\n')
    this.greet()
  }

  #prompt(): string {
    const hostname = this.#host.hostname()
    if (this.#state === 'name') return `${hostname} login: `
    if (this.#state === 'password') return 'Password: '
    return `${this.#user}@${hostname}:~${this.#user === 'root' ? '#' : '$'} `
  }
}
