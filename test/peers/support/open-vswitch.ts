import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { NIC, ServerNic } from './server-nic.ts'

/** An Open vSwitch that forwards real frames, without a kernel module (datapath_type=netdev), in a namespace of its own. */
export interface OpenVSwitch {
  /** Of its database. */
  address: string
  /** What its own tools find it by: OVS_RUNDIR. */
  runFolder: string
  /** ovs-vsctl over a socket that Ferrule does not use. */
  vsctl(...args: string[]): Promise<string>
  /** A new port with a server on its cable. */
  plug(port: string, ...settings: string[]): Promise<ServerNic>
  /** Runs a command where the switch's own interfaces are. */
  inside(...command: string[]): Promise<string>
  stopDatabase(): Promise<void>
  startDatabase(): Promise<void>
  /** Frames and changes wait; the database answers. */
  freeze(): void
  thaw(): void
  stop(): Promise<void>
}

/** PEM files for `pssl:`. */
export interface SwitchKeys {
  privateKey: string
  certificate: string
  caCertificate: string
}

export const BRIDGE = 'br0'

// Debian keeps the daemons in sbin, which an ordinary user's PATH lacks.
const PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`
const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema'
const run = promisify(execFile)

/** Throws what to install, or that it needs root. */
export async function startOpenVSwitch(keys?: SwitchKeys): Promise<OpenVSwitch> {
  if (process.getuid?.() !== 0) throw new Error('network namespaces need root: run the test as root')
  const folder = mkdtempSync(join(tmpdir(), 'ferrule-ovs-'))
  const env = { ...process.env, PATH, OVS_RUNDIR: folder, OVS_LOGDIR: folder, OVS_DBDIR: folder }
  const socket = `unix:${folder}/db.sock`
  const port = await freePort()
  const remote = keys ? `pssl:${port}:127.0.0.1` : `ptcp:${port}:127.0.0.1`
  const tls = keys
    ? [
        `--private-key=${keys.privateKey}`,
        `--certificate=${keys.certificate}`,
        `--ca-cert=${keys.caCertificate}`,
      ]
    : []
  const servers: ServerNic[] = []
  let database: ChildProcess | null = null
  let daemon: ChildProcess | null = null

  const tool = async (program: string, ...args: string[]): Promise<string> => {
    try {
      return (await run(program, args, { env, timeout: 20_000 })).stdout
    } catch (error) {
      throw missing(program, error)
    }
  }
  // Whatever kills the test ends them too.
  const start = (...command: string[]) =>
    spawn('setpriv', ['--pdeathsig', 'KILL', ...command, '--no-chdir', '-vconsole:warn', '-vfile:off'], {
      env,
      cwd: folder,
      stdio: 'ignore',
    })
  const inside = (...command: string[]) =>
    tool('nsenter', '--net', '--target', String(daemon?.pid ?? 0), ...command)
  const vsctl = (...args: string[]) => tool('ovs-vsctl', `--db=${socket}`, '--timeout=10', ...args)

  const startDatabase = async () => {
    database = start('ovsdb-server', `${folder}/conf.db`, `--remote=p${socket}`, `--remote=${remote}`, ...tls)
    await until(() => vsctl('--no-wait', 'init'))
  }
  const stop = async () => {
    await Promise.all(servers.map((server) => server.close()))
    await Promise.all([end(daemon), end(database)])
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await tool('ovs-vswitchd', '--version')
    await tool('ovsdb-tool', 'create', `${folder}/conf.db`, SCHEMA)
    await startDatabase()
    daemon = start('unshare', '--net', 'ovs-vswitchd', socket)
    await vsctl('add-br', BRIDGE, '--', 'set', 'bridge', BRIDGE, 'datapath_type=netdev')
  } catch (error) {
    await stop()
    throw error
  }
  return {
    address: `127.0.0.1:${port}`,
    runFolder: folder,
    vsctl,
    inside,
    async plug(name, ...settings) {
      const mac = `02:00:00:00:00:${(servers.length + 1).toString(16).padStart(2, '0')}`
      const server = await ServerNic.open(mac, async (pid) => {
        await inside('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', NIC, 'netns', String(pid))
        await inside('ip', 'link', 'set', name, 'up')
        await vsctl(
          'add-port',
          BRIDGE,
          name,
          ...(settings.length > 0 ? ['--', 'set', 'port', name, ...settings] : []),
        )
      })
      servers.push(server)
      return server
    },
    stopDatabase: () => end(database),
    startDatabase,
    freeze: () => daemon?.kill('SIGSTOP'),
    thaw: () => daemon?.kill('SIGCONT'),
    stop,
  }
}

function missing(program: string, error: unknown): unknown {
  const notFound = error instanceof Error && 'code' in error && error.code === 'ENOENT'
  const owner = /^ovs/.test(program) ? 'openvswitch-switch' : 'iproute2 util-linux'
  return notFound ? new Error(`${program} is missing: apt-get install ${owner}`) : error
}

async function end(child: ChildProcess | null): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

async function until(works: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await works()
      return
    } catch (error) {
      if (tries === 100) throw error
      await sleep(50)
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const bound = server.address()
      server.close(() => resolve(typeof bound === 'object' && bound ? bound.port : 0))
    })
  })
}
