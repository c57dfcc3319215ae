import type { ServerChannel } from 'ssh2'
import type { Dialect, Shell } from './dialect.ts'
import { type CliDials, calmCli } from './dials.ts'
import { startSshListener } from './listener.ts'
import { type CliModel, Cut, Refused } from './model.ts'

/** Lines of a screen before the pager asks. */
const SCREEN = 24

export interface CliSwitchOptions {
  address: string
  /** 0: any free one. */
  port: number
  hostname: string
  user: { name: string; password: string }
  dialect: Dialect
  model: CliModel
}

/** A switch with a command line over SSH. */
export interface CliSwitch {
  readonly address: string
  readonly port: number
  readonly fingerprint: string
  readonly model: CliModel
  /** Every line that was typed, in its order, with the mode in which it was. */
  readonly typed: string[]
  /** Logins since the start. */
  logins(): number
  /** Those that are open. */
  open(): number
  setDials(dials: Partial<CliDials>): void
  /** Without power nobody is connected, and nobody can connect. */
  setPower(on: boolean): void
  /** Ends every session. */
  cut(): void
  reboot(): void
  stop(): Promise<void>
}

export async function startCliSwitch(options: CliSwitchOptions): Promise<CliSwitch> {
  const { model, dialect, hostname, address, user } = options
  const typed: string[] = []
  let logins = 0
  const ssh = await startSshListener(
    { address, port: options.port, hostname, user, dials: model.dials },
    (session) => {
      session.on('pty', (grant) => grant?.())
      session.once('shell', (grant) => {
        logins += 1
        attach(grant())
      })
    },
  )

  function attach(channel: ServerChannel): void {
    const shell: Shell = {
      ...{
        model,
        host: hostname,
        user: user.name,
        mode: dialect.begin,
        at: '',
        paging: dialect.pages,
        status: 0,
      },
      ...{ candidate: null, pending: null },
    }
    const line = new TypedLine(shell, dialect, typed, {
      write: (text) => channel.write(text.replaceAll('\n', '\r\n')),
      cut: ssh.cut,
    })
    channel.on('error', () => {})
    channel.on('data', (data: Buffer) => line.receive(data.toString('latin1')))
    line.greet()
  }

  return {
    address,
    port: ssh.port,
    fingerprint: ssh.fingerprint,
    model,
    typed,
    logins: () => logins,
    open: ssh.open,
    setDials: (dials) => {
      Object.assign(model.dials, calmCli(), dials)
      if (model.dials.down) ssh.cut()
    },
    setPower: ssh.setPower,
    cut: ssh.cut,
    reboot: () => {
      ssh.cut()
      model.reboot()
    },
    stop: ssh.stop,
  }
}

/** One login's line editor and pager. */
class TypedLine {
  readonly #shell: Shell
  readonly #dialect: Dialect
  readonly #typed: string[]
  readonly #out: { write(text: string): void; cut(): void }
  #line = ''
  /** What the pager holds back. */
  #held: string[] = []

  constructor(
    shell: Shell,
    dialect: Dialect,
    typed: string[],
    out: { write(text: string): void; cut(): void },
  ) {
    this.#shell = shell
    this.#dialect = dialect
    this.#typed = typed
    this.#out = out
  }

  greet(): void {
    this.#out.write(`\nAuthorized users only! Line 1# of 2\n\n${this.#dialect.prompt(this.#shell)}`)
  }

  receive(text: string): void {
    for (const key of text) {
      if (this.#held.length > 0) {
        if (key === ' ') this.#page()
      } else if (key === '\n' || key === '\r') {
        const line = this.#line
        this.#line = ''
        this.#out.write('\n')
        this.#run(line)
      } else {
        this.#line += key
        this.#out.write(key)
      }
    }
  }

  #run(line: string): void {
    this.#typed.push(`${this.#shell.mode}: ${line}`)
    try {
      this.#held = this.#lines(this.#dialect.run(line, this.#shell))
    } catch (error) {
      if (error instanceof Cut) {
        this.#out.cut()
        return
      }
      if (!(error instanceof Refused)) throw error
      const said = error.message === 'busy' ? this.#dialect.busy : error.message
      if (error.message === 'busy') this.#shell.status = 1
      this.#held = this.#lines(said)
    }
    this.#page()
  }

  #lines(text: string): string[] {
    return text === '' ? [] : text.split('\n')
  }

  #page(): void {
    const screen = this.#shell.paging ? this.#held.splice(0, SCREEN) : this.#held.splice(0)
    this.#out.write(screen.map((line) => `${line}\n`).join(''))
    this.#out.write(this.#held.length > 0 ? ' --More-- ' : this.#dialect.prompt(this.#shell))
  }
}
