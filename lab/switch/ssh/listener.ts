import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import ssh2, { type Connection, type Session } from 'ssh2'
import { hostKeyOf } from '../../ssh/host-key.ts'
import type { SshDials } from './dials.ts'

export interface SshListenerOptions {
  address: string
  /** 0: any free one. */
  port: number
  /** Its host key follows from it. */
  hostname: string
  user: { name: string; password: string }
  dials: SshDials<string>
}

/** The SSH server of one switch, with one user, whatever it serves. */
export interface SshListener {
  readonly port: number
  readonly fingerprint: string
  /** Connections that are open. */
  open(): number
  /** Without power nobody is connected, and nobody can connect. */
  setPower(on: boolean): void
  /** Ends every connection. */
  cut(): void
  stop(): Promise<void>
}

export async function startSshListener(
  { address, port, hostname, user, dials }: SshListenerOptions,
  serve: (session: Session, connection: Connection) => void,
): Promise<SshListener> {
  const own = hostKeyOf(`switch ${hostname}`)
  const other = hostKeyOf(`not ${hostname}`)
  const sockets = new Set<Socket>()
  let powered = true

  const talk = (connection: Connection) => {
    connection.on('error', () => {})
    connection.on('authentication', async (context) => {
      if (context.method === 'none') return context.reject(['password'])
      if (dials.loginMs > 0) await sleep(dials.loginMs, undefined, { ref: false })
      const right =
        context.method === 'password' &&
        !dials.rejectPassword &&
        context.username === user.name &&
        context.password === user.password
      if (right) context.accept()
      else context.reject(['password'])
    })
    connection.on('session', (accept) => serve(accept(), connection))
  }
  const servers = {
    own: new ssh2.Server({ hostKeys: [own.private] }, talk),
    other: new ssh2.Server({ hostKeys: [other.private] }, talk),
  }

  function cut(): void {
    for (const socket of sockets) socket.destroy()
  }

  const server = createServer((socket) => {
    if (dials.down || !powered) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    servers[dials.otherHostKey ? 'other' : 'own'].injectSocket(socket)
  })
  server.listen(port, address)
  await once(server, 'listening')
  const bound = server.address()
  return {
    port: bound !== null && typeof bound === 'object' ? bound.port : port,
    fingerprint: own.fingerprint,
    open: () => sockets.size,
    setPower(on) {
      powered = on
      if (!on) cut()
    },
    cut,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
  }
}
