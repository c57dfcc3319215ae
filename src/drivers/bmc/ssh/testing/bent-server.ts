import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net'
import ssh2, { type Connection, type ServerChannel } from 'ssh2'
import { onTestFinished } from 'vitest'
import { createSshConsoles, type SshConsoles } from '../consoles.ts'
import { fingerprintOf } from '../host-key.ts'
import type { SshConsoleOptions } from '../options.ts'
import type { SshTarget } from '../target.ts'

/** How an SSH server differs from a good one. */
export interface Bent {
  /** Way by which the password is taken. */
  way?: 'password' | 'keyboard-interactive'
  /** Nobody's password is right. */
  rejects?: boolean
  /** No channel is given. */
  noChannel?: boolean
  /** No shell is given. */
  noShell?: boolean
  /** What happens in a shell. */
  shell?: (channel: ServerChannel) => void
}

export const login = { username: 'admin', password: 'correct horse' }

/** An SSH server that a test bends, and consoles to open there; both end with the test. */
export interface BentServer {
  target: SshTarget
  fingerprint: string
  consoles: SshConsoles
  /** Logins that came, by way and password. */
  logins: string[]
  shells: ServerChannel[]
  /** Everything that was typed. */
  typed(): string
  /** Connections that are open now. */
  connections(): number
  /** Cuts every connection without a word. */
  cut(): void
  /** Hears nothing any more, and keeps the connections. */
  freeze(): void
}

const short = { loginMs: 3000, promptMs: 200, quietMs: 30, settleMs: 100, writeMs: 300 }

/** Of some hundred keys that ssh2 makes there is one that it cannot read itself. */
function newHostKey() {
  for (;;) {
    const hostKey = ssh2.utils.generateKeyPairSync('ed25519').private
    const parsed = ssh2.utils.parseKey(hostKey)
    if (!(parsed instanceof Error)) return { hostKey, parsed }
  }
}

export async function bentServer(bent: Bent = {}, options: SshConsoleOptions = {}): Promise<BentServer> {
  const { hostKey, parsed } = newHostKey()
  const logins: string[] = []
  const shells: ServerChannel[] = []
  const sockets = new Set<Socket>()
  let typed = ''
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connection.on('error', () => undefined)
    authenticate(connection, bent, logins)
    connection.on('session', (accept, reject) => {
      if (bent.noChannel) return reject()
      const session = accept()
      session.on('pty', (ok) => ok?.())
      session.on('shell', (ok, refuse) => {
        if (bent.noShell) return refuse?.()
        const channel = ok()
        shells.push(channel)
        channel.on('data', (data: Buffer) => {
          typed += data.toString('latin1')
        })
        bent.shell?.(channel)
      })
    })
  })
  const net: NetServer = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
    server.injectSocket(socket)
  })
  await new Promise<void>((resolve) => net.listen(0, '127.0.0.1', resolve))
  const consoles = createSshConsoles({ ...short, ...options })
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const freeze = () => {
    for (const socket of sockets) socket.pause()
  }
  onTestFinished(async () => {
    await consoles.close()
    cut()
    await new Promise((resolve) => net.close(resolve))
  })
  // Listening on TCP, so an AddressInfo.
  const { port } = net.address() as AddressInfo
  const fingerprint = fingerprintOf(parsed.getPublicSSH())
  const target: SshTarget = {
    ...{ host: '127.0.0.1', port, key: `127.0.0.1:${port}`, ...login, fingerprint, name: 'h1' },
    ...{ entryCommand: null, besideCommandLine: false },
  }
  return {
    ...{ target, fingerprint, consoles, logins, shells, cut, freeze },
    typed: () => typed,
    connections: () => sockets.size,
  }
}

function authenticate(connection: Connection, bent: Bent, logins: string[]): void {
  const way = bent.way ?? 'password'
  connection.on('authentication', (context) => {
    const judge = (password: string | undefined) => {
      logins.push(`${context.method} ${password}`)
      if (bent.rejects || context.username !== login.username || password !== login.password)
        context.reject([way])
      else context.accept()
    }
    if (context.method !== way) return context.reject([way])
    if (context.method === 'password') return judge(context.password)
    if (context.method === 'keyboard-interactive')
      context.prompt([{ prompt: 'Password: ', echo: false }], ([answer]) => judge(answer))
  })
}
