import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process'
import { readFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { isAlive } from '../../src/postgres/testing/process-start.ts'

const daemonProgram = fileURLToPath(new URL('../../bin/ferruled', import.meta.url))
const cliProgram = fileURLToPath(new URL('../../bin/ferrule', import.meta.url))

/** The daemon as a process of its own, as in production, and its doors. the npm script builds it before. */
export interface Controller {
  url: string
  socket: string
  process: ChildProcess
  /** One call of the HTTP interface, as the first administrator. */
  call(method: string, path: string, body?: unknown, token?: string): Promise<Answer>
  /** The command line as a person uses it. */
  cli(...args: string[]): Promise<{ code: number | null; out: string; err: string }>
  /** Waits until an operation has ended or is parked; the last word on it. */
  ended(id: string, ms?: number): Promise<EndedOperation>
  /** At once, without a word, as a power cut would. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any route; a test looks into what it asked for
  body: any
}

export interface EndedOperation {
  id: string
  number: number
  state: string
  error: { code: string; message: string; details: Record<string, unknown> } | null
  steps: { name: string; state: string; direction: string }[]
}

export async function startController(
  config: string,
  dataDir: string,
  args: string[] = [],
): Promise<Controller> {
  const child = fork(daemonProgram, ['--config', config, ...args], {
    env: { PATH: process.env.PATH, FERRULE_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let words = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (part: string) => {
      words += part
    })
  let asked = false
  const over = new Promise<null>((resolve) =>
    child.once('exit', (code, signal) => {
      // what a failed test needs to know first
      if (!asked)
        process.stderr.write(`the daemon ended by itself (${signal ?? code}): ${words.slice(-2000)}\n`)
      resolve(null)
    }),
  )
  const ready = await Promise.race([
    new Promise<{ url: string; socket: string; tokenFile: string }>((resolve) =>
      child.once('message', (message: { url: string; socket: string; tokenFile: string }) =>
        resolve(message),
      ),
    ),
    over,
  ])
  if (ready === null) throw new Error(`the daemon ended: ${words}`)
  const { url, socket } = ready
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim()

  async function call(method: string, path: string, body?: unknown, as = token): Promise<Answer> {
    const response = await fetch(`${url}/api/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${as}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  }

  return {
    url,
    socket,
    process: child,
    call,
    cli(...words) {
      const run = spawn(process.execPath, [cliProgram, ...words], {
        env: { PATH: process.env.PATH, FERRULE_URL: url, FERRULE_TOKEN: token },
      })
      const said = { out: '', err: '' }
      run.stdout.on('data', (part) => {
        said.out += String(part)
      })
      run.stderr.on('data', (part) => {
        said.err += String(part)
      })
      return new Promise((resolve) => run.on('close', (code) => resolve({ code, ...said })))
    },
    async ended(id, ms = 150_000) {
      const until = Date.now() + ms
      for (;;) {
        const { status, body } = await call('GET', `operations/${id}`)
        expect(status).toBe(200)
        if (body.endedAt || body.state === 'parked') return body
        if (Date.now() > until)
          throw new Error(`${body.kind} is still ${body.state}: ${JSON.stringify(body.steps.at(-1))}`)
        await pause(30)
      }
    },
    async kill() {
      asked = true
      child.kill('SIGKILL')
      await over
    },
    async stop() {
      asked = true
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await over
    },
  }
}

const clusterOf = (dataDir: string) => join(realpathSync(join(dataDir, 'postgres')), 'cluster')

/** Ends the bundled server of a data folder, cleanly, whoever started it. */
export async function stopDatabase(dataDir: string): Promise<void> {
  const file = join(clusterOf(dataDir), 'postmaster.pid')
  let pid: number
  try {
    pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
  } catch {
    return
  }
  process.kill(pid, 'SIGINT')
  while (isAlive(pid)) await pause(20)
}

/** A copy of the whole database, taken while its server is down. */
export function copyDatabase(dataDir: string, to: string): void {
  // of all tools only this one keeps the owner too: as root the server runs as somebody else
  execFileSync('cp', ['-a', clusterOf(dataDir), to])
}

/** Puts a copy in the place of the database. */
export function restoreDatabase(dataDir: string, from: string): void {
  const cluster = clusterOf(dataDir)
  rmSync(cluster, { recursive: true })
  execFileSync('cp', ['-a', from, cluster])
}

/** Nothing is left of it, nor the token that it knew. */
export function loseDatabase(dataDir: string): void {
  rmSync(clusterOf(dataDir), { recursive: true })
  rmSync(join(dataDir, 'admin.token'))
}
