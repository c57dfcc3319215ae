import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const MODELS = join(import.meta.dirname, 'netconfd/yang')
// Debian keeps both programs in sbin, which an ordinary user's PATH lacks.
const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` }

/** yuma123's NETCONF server with OpenConfig's models. It is real NETCONF, with no switch behind it. */
export interface Netconfd {
  /** One more session, as sshd starts it for its subsystem. */
  session(): ChildProcess
  /** Asks over one session of the tests, in the framing of base:1.0, which the driver does not use here. */
  ask(operation: string): Promise<string>
  stop(): Promise<void>
}

export async function startNetconfd(options: readonly string[]): Promise<Netconfd> {
  const folder = mkdtempSync(join(tmpdir(), 'ferrule-netconfd-'))
  const socket = join(folder, 'nc.sock')
  const startup = join(folder, 'startup.xml')
  writeFileSync(startup, '<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"/>')
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
    rmSync(folder, { recursive: true, force: true })
  }
  const until = performance.now() + 15_000
  while (!log.includes('Running netconfd server')) {
    if (server.exitCode !== null || server.pid === undefined || performance.now() > until) {
      await stop()
      throw new Error(`netconfd does not start (package netconfd): ${log}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const session = () =>
    spawn('netconf-subsystem', [`--ncxserver-sockname=830@${socket}`], {
      env: { ...env, USER: 'root', LOGNAME: 'root', SSH_CONNECTION: '127.0.0.1 40000 127.0.0.1 830' },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
  const own = session()
  return {
    session,
    ask: asker(own),
    stop: () => {
      own.kill()
      return stop()
    },
  }
}

const END = ']]>]]>'
const HELLO =
  '<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities><capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>'

/** Questions one after the other. */
function asker(session: ChildProcess): (operation: string) => Promise<string> {
  let text = ''
  let answered: (answer: string) => void = () => undefined
  session.stdin?.on('error', () => undefined)
  session.stdout?.on('data', (bytes) => {
    text += String(bytes)
    const [answer, rest] = text.split(END)
    if (answer === undefined || rest === undefined) return
    text = rest
    answered(answer)
  })
  const next = (message: string) =>
    new Promise<string>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`netconfd does not answer: ${text}`)), 10_000)
      answered = (answer) => {
        clearTimeout(late)
        resolve(answer)
      }
      session.stdin?.write(message)
    })
  // netconfd leaves a question alone that it reads together with our greeting.
  let order: Promise<unknown> = next(`${HELLO}${END}`).then(() => sleep(200))
  return (operation) => {
    const asked = order.then(() =>
      next(`<rpc xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" message-id="ask">${operation}</rpc>${END}`),
    )
    order = asked.catch(() => undefined)
    return asked
  }
}
