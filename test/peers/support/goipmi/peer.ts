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
  resets: number
  /** Seconds of the last Chassis Identify; 255 is "for ever". */
  identify: number
  /** Boot flags, five bytes in hex; empty before the first set. */
  bootFlags: string
  /** Sessions that the BMC holds now. */
  sessions: number
  /** What was typed on its serial port, in hex, and how many breaks came. */
  typed: string
  breaks: number
}

export interface GoIpmiPeer {
  /** address:port */
  address: string
  state(): Promise<GoIpmiState>
  /** Has the machine print on its serial port. */
  print(text: string): Promise<void>
  stop(): Promise<void>
}

export interface GoIpmiOptions {
  suites: number[]
  kg?: string
  sessions?: number
  /** Seconds after which a silent session dies, and 3 more; default 60. */
  idle?: number
  /** address:port; without it a free port. */
  listen?: string
  /** Limit of the user "admin" with password "secret". */
  privilege?: 'user' | 'operator' | 'administrator'
  fru?: readonly number[]
  sdrs?: readonly (readonly number[])[]
  /** Gives the machine a serial port that takes so many characters at once. */
  console?: number
}

const levels = { user: 2, operator: 3, administrator: 4 } as const

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
      BMC_IDLE: options.idle === undefined ? '' : String(options.idle),
      BMC_PRIVILEGE: String(levels[options.privilege ?? 'administrator']),
      BMC_FRU: hex(options.fru ?? []),
      BMC_SDRS: (options.sdrs ?? []).map(hex).join(','),
      BMC_CONSOLE: options.console === undefined ? '' : String(options.console),
    },
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const greeting = await nextLine(child, lines)
  // One command and its answer after the other.
  let turn: Promise<unknown> = Promise.resolve()
  const ask = (command: string): Promise<GoIpmiState> => {
    const answer = turn.then(async () => {
      child.stdin.write(`${command}\n`)
      return JSON.parse(await nextLine(child, lines))
    })
    turn = answer
    return answer
  }
  return {
    address: greeting.replace('listening ', ''),
    state: () => ask('state'),
    print: async (text) => void (await ask(`print ${Buffer.from(text).toString('hex')}`)),
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

function hex(bytes: readonly number[]): string {
  return Buffer.from(bytes).toString('hex')
}
