import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { FerruleError } from '../domain/errors.ts'
import { preparePostgres } from './binaries.ts'
import { createCluster } from './cluster.ts'
import { copyFolders, type Places, preparePlaces, readPassword, socketPort } from './places.ts'
import { isAlive, readPostmaster, removeStaleFile } from './postmaster.ts'

export interface PostgresOptions {
  /** Everything of the server is kept in `<dataDir>/postgres`. */
  dataDir: string
  log: (message: string, fields?: Record<string, unknown>) => void
}

export interface RunningPostgres {
  /** For {@link createPool}. Holds the password: never print it. */
  url: string
  pid: number
  /** False when the server was already running and this call attached to it. */
  started: boolean
  /** The server's own log. */
  logFile: string
  /** Stops the server if this call started it (and does nothing else otherwise), after its clients' transactions end. */
  stop(): Promise<void>
}

export const databaseName = 'ferrule'
export const roleName = 'ferrule'

/** Crash recovery after kill -9 is part of a start. */
const startBudgetMs = 60_000
const stopBudgetMs = 30_000
const largestLog = 10_000_000

/**
 * Starts the bundled PostgreSQL on a unix socket, or attaches to the one that already serves this data folder.
 *
 * The server runs in a session of its own: neither Ctrl-C nor the death of the process that started it ends it, and a
 * later start attaches to it. Works as root (the server then runs as an unprivileged account) and as any user.
 *
 * @throws FerruleError database-unreachable, with the end of the server's log.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { log } = options
  const places = preparePlaces(options.dataDir)
  const installation = preparePostgres(places.account, copyFolders(places))
  await createCluster(places, installation, { role: roleName, log })
  const deadline = Date.now() + startBudgetMs
  let lastWords = ''
  // More than one round when another starter is faster, or when the children of a killed server are still ending.
  while (Date.now() < deadline) {
    const running = await attach(places, deadline)
    if (running !== undefined) {
      log('PostgreSQL is already running', { pid: running.pid })
      return { ...running, started: false, logFile: places.logFile, stop: async () => {} }
    }
    removeStaleFile(places.cluster)
    const logStart = trimLog(places.logFile)
    const child = launch(places, join(installation, 'bin', 'postgres'))
    const pid = await becomeReady(child, places, deadline)
    if (pid !== undefined) {
      log('PostgreSQL started', { pid })
      const url = await ensureDatabase(places, places.socketFolder)
      return { url, pid, started: true, logFile: places.logFile, stop: () => stopServer(child, pid, log) }
    }
    lastWords = readFileSync(places.logFile, 'utf8').slice(logStart).trim().slice(-600)
    if (!/lock file|still in use/.test(lastWords)) break
    await pause(200)
  }
  throw new FerruleError(
    'database-unreachable',
    `The bundled PostgreSQL did not start. Its last words: ${lastWords || 'none'}`,
    `Read ${places.logFile}, or set database.url to a PostgreSQL of your own.`,
  )
}

/** @returns undefined when no server of ours serves the cluster. */
async function attach(places: Places, deadline: number): Promise<{ url: string; pid: number } | undefined> {
  while (Date.now() < deadline) {
    const seen = readPostmaster(places.cluster)
    if (seen === undefined || !isAlive(seen.pid)) return undefined
    if (seen.ready) {
      const url = await ensureDatabase(places, seen.socketFolder).catch(unlessGone)
      if (url !== undefined) return { url, pid: seen.pid }
      removeStaleFile(places.cluster)
    }
    await pause(50)
  }
  return undefined
}

/**
 * The file may outlive its server by kill -9, which may also strike between the connect and the first byte; any other
 * failure is a person's business.
 */
function unlessGone(error: unknown): undefined {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P03'].includes(code)) return undefined
  // pg's own words for a socket that was closed: they come without a code.
  if (message === 'Connection terminated unexpectedly') return undefined
  throw error
}

function launch(places: Places, program: string): ChildProcess {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: places.socketFolder,
    port: String(socketPort),
    timezone: 'UTC',
    log_timezone: 'UTC',
    max_connections: '200',
    // Short queries only: compiling them costs more than it saves.
    jit: 'off',
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const output = openSync(places.logFile, 'a', 0o600)
  try {
    const child = spawn(program, ['-D', places.cluster, ...args], {
      ...places.account,
      detached: true,
      stdio: ['ignore', output, output],
    })
    child.unref()
    return child
  } finally {
    closeSync(output)
  }
}

/** @returns the postmaster's process id, or undefined when it ended instead. */
async function becomeReady(
  child: ChildProcess,
  places: Places,
  deadline: number,
): Promise<number | undefined> {
  let failure: Error | undefined
  child.on('error', (error) => {
    failure = error
  })
  while (
    Date.now() < deadline &&
    failure === undefined &&
    child.exitCode === null &&
    child.signalCode === null
  ) {
    const seen = readPostmaster(places.cluster)
    if (seen?.pid === child.pid && seen?.ready) return seen.pid
    await pause(20)
  }
  if (failure !== undefined) {
    throw new FerruleError(
      'database-unreachable',
      `The bundled PostgreSQL cannot be run: ${failure.message}.`,
      'Set database.url to a PostgreSQL of your own.',
    )
  }
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGQUIT')
  return undefined
}

function trimLog(logFile: string): number {
  if (!existsSync(logFile)) return 0
  if (statSync(logFile).size > largestLog) truncateSync(logFile)
  return statSync(logFile).size
}

/** Creates the database if it is missing; proves on the way that the server is ours, for only ours has our password. */
async function ensureDatabase(places: Places, socketFolder: string): Promise<string> {
  const urlOf = (database: string): string =>
    `postgresql://${roleName}:${readPassword(places)}@${encodeURIComponent(socketFolder)}:${socketPort}/${database}`
  const client = new pg.Client({ connectionString: urlOf('postgres'), connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [databaseName])
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${databaseName}`)
  } catch (error) {
    // Another starter was faster between the two statements.
    const code = (error as { code?: string }).code
    if (code !== '42P04' && code !== '23505') throw error
  } finally {
    await client.end()
  }
  return urlOf(databaseName)
}

/**
 * SIGINT is PostgreSQL's fast shutdown: it rolls back what is open and ends cleanly. SIGQUIT, if that takes too long,
 * ends at once and recovers at the next start.
 */
async function stopServer(child: ChildProcess, pid: number, log: PostgresOptions['log']): Promise<void> {
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null
  if (ended()) return
  child.kill('SIGINT')
  for (let waited = 0; !ended(); waited += 20) {
    if (waited === stopBudgetMs) {
      log('PostgreSQL did not stop in time and is ended at once', { pid })
      child.kill('SIGQUIT')
    }
    await pause(20)
  }
  log('PostgreSQL stopped', { pid })
}
