import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MODELS = join(import.meta.dirname, 'netconfd/yang')
// Debian keeps both programs in sbin, which an ordinary user's PATH lacks.
const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` }

/** yuma123's NETCONF server with OpenConfig's models. It is real NETCONF, with no switch behind it. */
export interface Netconfd {
  /** One more session, as sshd starts it for its subsystem. */
  session(): ChildProcess
  /** Asks over one session of the tests, in the framing of base:1.0, which the driver does not use here. */
  ask(operation: string): Promise<string>
  /** It ends at once, and comes back with its start-up configuration. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export async function startNetconfd(options: readonly string[]): Promise<Netconfd> {
  const folder = mkdtempSync(join(tmpdir(), 'ferrule-netconfd-'))
  const socket = join(folder, 'nc.sock')
  const startup = join(folder, 'startup.xml')
  writeFileSync(startup, '<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"/>')
  const start = () => startServer(folder, socket, startup, options)
  const session = () =>
    spawn('netconf-subsystem', [`--ncxserver-sockname=830@${socket}`], {
      env: { ...env, USER: 'root', LOGNAME: 'root', SSH_CONNECTION: '127.0.0.1 40000 127.0.0.1 830' },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
  const stop = async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  let server = await start().catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true })
    throw error
  })
  let own = session()
  let ask = asker(own)
  return {
    session,
    ask: (operation) => ask(operation),
    async restart() {
      own.kill()
      await server.stop()
      rmSync(socket, { force: true })
      server = await start()
      own = session()
      ask = asker(own)
    },
    stop: () => {
      own.kill()
      return stop()
    },
  }
}

async function startServer(
  folder: string,
  socket: string,
  startup: string,
  options: readonly string[],
): Promise<{ stop(): Promise<void> }> {
  const server = spawn(
    'netconfd',
    [
      ...[
        '--superuser=root',
        `--home=${folder}`,
        `--modpath=${MODELS}:/usr/share/yuma/modules`,
        '--module=openconfig-vlan',
      ],
      ...[`--ncxserver-sockname=${socket}`, '--log-level=info', `--startup=${startup}`],
      ...options,
    ],
    { env: { ...env, HOME: folder }, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let log = ''
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (text) => {
      log += String(text)
    })
  const ended = new Promise<void>((resolve) => {
    server.once('close', () => resolve())
    server.once('error', (error) => {
      log += String(error)
      resolve()
    })
  })
  const stop = async () => {
    server.kill('SIGKILL')
    await ended
  }
  const until = performance.now() + 15_000
  while (!log.includes('Running netconfd server')) {
    if (server.exitCode !== null || server.pid === undefined || performance.now() > until) {
      await stop()
      throw new Error(`netconfd does not start (package netconfd): ${log}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return { stop }
}

const END = ']]>]]>'
const PROBE = '<get-config><source><running/></source><filter type="subtree"/></get-config>'
const HELLO =
  '<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities><capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>'

/** Questions one after the other. */
function asker(session: ChildProcess): (operation: string) => Promise<string> {
  let text = ''
  let heard: (message: string) => void = () => undefined
  session.stdin?.on('error', () => undefined)
  session.stdout?.on('data', (bytes) => {
    const messages = (text + String(bytes)).split(END)
    text = messages.pop() ?? ''
    for (const message of messages) heard(message)
  })
  /** @param again so often it is said anew until there is an answer */
  const answer = (message: string, isIt: (heard: string) => boolean, again?: number) =>
    new Promise<string>((resolve, reject) => {
      const send = () => session.stdin?.write(message)
      const repeat = again === undefined ? undefined : setInterval(send, again)
      const late = setTimeout(() => end(() => reject(new Error(`netconfd does not answer: ${text}`))), 30_000)
      const end = (settle: () => void) => {
        clearTimeout(late)
        clearInterval(repeat)
        settle()
      }
      heard = (one) => {
        if (isIt(one)) end(() => resolve(one))
      }
      send()
    })
  const ask = (name: string, operation: string, again?: number) => {
    const id = `message-id="${name}"`
    const rpc = `<rpc xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" ${id}>${operation}</rpc>${END}`
    return answer(rpc, (one) => one.includes(id), again)
  }
  // netconfd leaves a question alone that it reads together with our greeting.
  const probe = () => ask('probe', PROBE, 300)
  let order: Promise<unknown> = answer(`${HELLO}${END}`, (one) => one.includes('<hello')).then(probe)
  return (operation) => {
    const next = order.then(() => ask('ask', operation))
    order = next.catch(() => undefined)
    return next
  }
}
