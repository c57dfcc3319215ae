import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** What the machine behind go-ipmi's server really is, from its own mouth. */
export interface GoIpmiState {
  on: boolean
  powerCycles: number
  softOffs: number
  /** Boot flags, five bytes in hex; empty before the first set. */
  bootFlags: string
  /** Sessions that the BMC holds now. */
  sessions: number
}

export interface GoIpmiPeer {
  /** address:port */
  address: string
  state(): Promise<GoIpmiState>
  stop(): Promise<void>
}

export interface GoIpmiOptions {
  suites: number[]
  kg?: string
  sessions?: number
  /** address:port; without it a free port. */
  listen?: string
  /** Limit of the user "admin" with password "secret". */
  privilege?: 'operator' | 'administrator'
}

export interface GoIpmiProgram {
  start(options: GoIpmiOptions): Promise<GoIpmiPeer>
  remove(): void
}

/** Builds the server in a temporary folder; throws what to install if there is no Go. */
export function buildGoIpmi(): GoIpmiProgram {
  const folder = mkdtempSync(join(tmpdir(), 'ferrule-goipmi-'))
  const program = join(folder, 'goipmi-peer')
  try {
    execFileSync('go', ['build', '-buildvcs=false', '-o', program, '.'], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (cause) {
    rmSync(folder, { recursive: true, force: true })
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new Error(
        'go is not installed: run `apt-get install -y golang-go` (1.24 or newer), or see go.dev/doc/install',
      )
    }
    throw cause
  }
  return {
    start: (options) => start(program, options),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function start(program: string, options: GoIpmiOptions): Promise<GoIpmiPeer> {
  const child = spawn(program, {
    env: {
      BMC_LISTEN: options.listen ?? '127.0.0.1:0',
      BMC_SUITES: options.suites.join(','),
      BMC_KG: options.kg ?? '',
      BMC_SESSIONS: String(options.sessions ?? 4),
      BMC_PRIVILEGE: options.privilege === 'operator' ? '3' : '4',
    },
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const greeting = await nextLine(child, lines)
  return {
    address: greeting.replace('listening ', ''),
    async state() {
      child.stdin.write('state\n')
      return JSON.parse(await nextLine(child, lines))
    },
    async stop() {
      child.stdin.end()
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve))
    },
  }
}

async function nextLine(
  child: ChildProcessWithoutNullStreams,
  lines: AsyncIterator<string>,
): Promise<string> {
  const line = await lines.next()
  if (line.done) throw new Error(`go-ipmi's server ended: ${String(child.stderr.read() ?? 'no message')}`)
  return line.value
}
