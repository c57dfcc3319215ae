import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import ssh2, { type Connection, type ServerChannel } from 'ssh2'
import { Deframer, frame } from '../../../src/drivers/switch/openconfig/netconf/framing.ts'
import { type Netconfd, startNetconfd } from './netconfd.ts'

export const login = { username: 'ferrule', password: 'netconf s3cret' }

/** Of two hundred keys that ssh2 makes there is one that it cannot read itself. */
function generated() {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519')
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair
  }
}
const hostKey = generated()
/** The one key that logs in beside the password. */
export const userKey = generated()

/** What a man between does to the messages of one direction: all of it, more, less, or an end to the connection. */
export type Relay = (
  message: string,
  session: { cut(): void },
) => readonly string[] | Promise<readonly string[]>

export interface NetconfSwitch {
  address: string
  fingerprint: string
  netconfd: Netconfd
  /** From the client to the switch, after the greetings. */
  toSwitch: Relay
  toClient: Relay
  /** True: what base:1.1 is, neither side hears from the other. */
  old: boolean
  logins: string[]
  stop(): Promise<void>
}

/** netconfd behind the SSH server of ssh2, in which tests can stand between. */
export async function startNetconfSwitch(options: readonly string[]): Promise<NetconfSwitch> {
  const netconfd = await startNetconfd(options)
  const clients = new Set<Connection>()
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (client) => {
    clients.add(client)
    client.on('close', () => clients.delete(client))
    client.on('error', () => undefined)
    client.on('authentication', (context) => {
      const byPassword = context.method === 'password' && context.password === login.password
      const known = ssh2.utils.parseKey(userKey.public)
      const byKey =
        context.method === 'publickey' &&
        !(known instanceof Error) &&
        context.key.data.equals(known.getPublicSSH()) &&
        (!context.signature ||
          !context.blob ||
          known.verify(context.blob, context.signature, context.hashAlgo) === true)
      if (context.method !== 'none') one.logins.push(context.method)
      if (context.username === login.username && (byPassword || byKey)) context.accept()
      else context.reject(['password', 'publickey'])
    })
    client.on('session', (accept) => {
      accept().on('subsystem', (acceptSubsystem, reject, { name }) => {
        if (name === 'netconf') relay(acceptSubsystem(), client)
        else reject()
      })
    })
  })

  function relay(channel: ServerChannel, client: Connection) {
    const session = netconfd.session()
    const cut = () => {
      client.end()
      session.kill()
    }
    const greet = (hello: string) =>
      one.old ? hello.replace(/<capability>[^<]*base:1\.1<\/capability>/, '') : hello
    const up = direction(
      (text) => session.stdin?.write(text),
      greet,
      (message) => one.toSwitch(message, { cut }),
    )
    const down = direction(
      (text) => channel.write(text),
      greet,
      (message) => one.toClient(message, { cut }),
    )
    channel.on('data', (bytes: Buffer) => up.push(bytes))
    session.stdout?.on('data', (bytes: Buffer) => down.push(bytes))
    session.stdin?.on('error', () => undefined)
    channel.on('error', () => undefined)
    channel.on('close', () => session.kill())
    session.on('close', () => client.end())
  }

  /** The relay speaks as both sides do: chunks after greetings that both name base:1.1. */
  function direction(
    write: (text: string) => void,
    greet: (hello: string) => string,
    through: (message: string) => ReturnType<Relay>,
  ) {
    const deframer = new Deframer()
    let greeted = false
    let order: Promise<void> = Promise.resolve()
    return {
      push(bytes: Buffer) {
        deframer.push(bytes)
        for (let message = deframer.next(); message !== null; message = deframer.next()) {
          if (greeted) {
            const whole = message
            order = order.then(async () => {
              for (const part of await through(whole)) write(frame(part, !one.old))
            })
          } else {
            greeted = true
            write(frame(greet(message), false))
            // netconfd leaves a question alone that it reads together with a greeting
            order = sleep(100)
            if (!one.old) deframer.useChunks()
          }
        }
      },
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // listen() on TCP gives an address with a port
  const { port } = server.address() as AddressInfo
  const wire = ssh2.utils.parseKey(hostKey.public)
  if (wire instanceof Error) throw wire
  const digest = createHash('sha256').update(wire.getPublicSSH()).digest('base64')
  const one: NetconfSwitch = {
    address: `127.0.0.1:${port}`,
    fingerprint: `SHA256:${digest.replace(/=+$/, '')}`,
    netconfd,
    toSwitch: (message) => [message],
    toClient: (message) => [message],
    old: false,
    logins: [],
    async stop() {
      for (const client of clients) client.end()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await netconfd.stop()
    },
  }
  return one
}
