import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import ssh2, { type Connection, type ServerChannel } from 'ssh2'
import { hostKeyOf } from '../../ssh/host-key.ts'
import type { Dialect, Shell } from './dialect.ts'
import { type CliDials, calm } from './dials.ts'
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
  const { model, dialect, hostname } = options
  const own = hostKeyOf(`switch ${hostname}`)
  const other = hostKeyOf(`not ${hostname}`)
  const sockets = new Set<Socket>()
  const typed: string[] = []
  let logins = 0
  let powered = true

  const talk = (connection: Connection) => {
    connection.on('error', () => {})
    connection.on('authentication', async (context) => {
      if (context.method === 'none') return context.reject(['password'])
      if (model.dials.loginMs > 0) await sleep(model.dials.loginMs, undefined, { ref: false })
      const right =
        context.method === 'password' &&
        !model.dials.rejectPassword &&
        context.username === options.user.name &&
        context.password === options.user.password
      if (right) context.accept()
      else context.reject(['password'])
    })
    connection.on('session', (accept) => {
      const session = accept()
      session.on('pty', (grant) => grant?.())
      session.once('shell', (grant) => {
        logins += 1
        attach(grant())
      })
    })
  }
  const servers = {
    own: new ssh2.Server({ hostKeys: [own.private] }, talk),
    other: new ssh2.Server({ hostKeys: [other.private] }, talk),
  }

  function attach(channel: ServerChannel): void {
    const shell: Shell = {
      ...{
        model,
        host: hostname,
        user: options.user.name,
        mode: dialect.begin,
        at: '',
        paging: dialect.pages,
        status: 0,
      },
      ...{ candidate: null, pending: null },
    }
    const line = new TypedLine(shell, dialect, typed, {
      write: (text) => channel.write(text.replaceAll('\n', '\r\n')),
      cut,
    })
    channel.on('error', () => {})
    channel.on('data', (data: Buffer) => line.receive(data.toString('latin1')))
    line.greet()
  }

  function cut(): void {
    for (const socket of sockets) socket.destroy()
  }

  const server = createServer((socket) => {
    if (model.dials.down || !powered) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    servers[model.dials.otherHostKey ? 'other' : 'own'].injectSocket(socket)
  })
  server.listen(options.port, options.address)
  await once(server, 'listening')
  const bound = server.address()
  return {
    address: options.address,
    port: bound !== null && typeof bound === 'object' ? bound.port : options.port,
    fingerprint: own.fingerprint,
    model,
    typed,
    logins: () => logins,
    open: () => sockets.size,
    setDials: (dials) => {
      Object.assign(model.dials, calm(), dials)
      if (model.dials.down) cut()
    },
    setPower(on) {
      powered = on
      if (!on) cut()
    },
    cut,
    reboot: () => {
      cut()
      model.reboot()
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
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
