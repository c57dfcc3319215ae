import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import ssh2, { type Connection } from 'ssh2'
import type { ManagementController } from '../bmc/controller.ts'
import { CommandLine, ConsoleSeat, MOST_SESSIONS } from './command-line.ts'
import { type HostKey, hostKeyOf } from './host-key.ts'

export interface RunningSsh {
  readonly address: string
  readonly port: number
  readonly hostKey: HostKey
  /** Logins that are open. */
  sessions(): number
  close(): Promise<void>
}

export interface SshOptions {
  /** 0: any free one. */
  port: number
  /** May this user, with this password, use the console? */
  mayUse(username: string, password: string): boolean
}

/** Serves the command line of one machine's BMC by SSH, at its address. Rejects when the address cannot be bound. */
export async function startSsh(controller: ManagementController, options: SshOptions): Promise<RunningSsh> {
  const { machine, dials } = controller
  const { address } = machine.bmc
  const hostKey = hostKeyOf(`${machine.uuid} ${machine.bmc.password}`)
  const seat = new ConsoleSeat()
  const sockets = new Set<Socket>()
  let sessions = 0

  const ssh = new ssh2.Server({ hostKeys: [hostKey.private], ident: 'LabBMC' }, (connection) => {
    connection.on('error', () => {})
    authenticate(connection)
    connection.on('session', (accept, reject) => {
      if (sessions >= MOST_SESSIONS) return reject()
      sessions += 1
      connection.once('close', () => {
        sessions -= 1
      })
      const session = accept()
      session.on('pty', (grant) => grant?.())
      session.once('shell', (grant) => {
        const channel = grant()
        const end = () => {
          channel.exit(0)
          channel.end()
          channel.close()
        }
        const line = new CommandLine(
          { write: (bytes) => channel.write(bytes), end },
          machine.serialPort,
          seat,
        )
        channel.on('error', () => {})
        channel.on('data', (bytes: Buffer) => line.receive(bytes))
        channel.once('close', () => line.leave())
        connection.once('close', () => line.leave())
      })
    })
  })

  function authenticate(connection: Connection): void {
    connection.on('authentication', (context) => {
      const right =
        context.method === 'password' &&
        !dials.rejectPassword &&
        options.mayUse(context.username, context.password)
      if (right) context.accept()
      else context.reject(['password'])
    })
  }

  const server = createServer((socket) => {
    if (controller.restarting || dials.unreachable) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    ssh.injectSocket(socket)
  })
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  controller.onRestart(cut)

  server.listen(options.port, address)
  await once(server, 'listening')
  const bound = server.address()
  return {
    address,
    port: bound !== null && typeof bound === 'object' ? bound.port : options.port,
    hostKey,
    sessions: () => sessions,
    async close() {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
  }
}
