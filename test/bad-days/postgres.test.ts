import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import ts from 'typescript'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RunningPostgres, startPostgres } from '../../src/postgres/launcher.ts'
import { createPool } from '../../src/postgres/pool.ts'
import { isAlive } from '../../src/postgres/postmaster.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'

const log = (): void => {}
let folder: string
let toStop: (() => Promise<void>)[]

beforeEach(() => {
  folder = testFolder('postgres')
  toStop = []
})

afterEach(async () => {
  for (const stop of toStop) await stop()
  rmSync(folder, { recursive: true, force: true })
})

async function start(dataDir = join(folder, 'data')): Promise<RunningPostgres> {
  const running = await startPostgres({ dataDir, log })
  toStop.push(running.stop)
  return running
}

async function ask(url: string, query: string): Promise<unknown> {
  const pool = createPool(url, { max: 1 })
  try {
    return Object.values((await pool.query(query)).rows[0] ?? {})[0]
  } finally {
    await pool.end()
  }
}

describe('startPostgres', () => {
  test('serves a database of version 18 with fsync on, over a private unix socket only', async () => {
    const server = await start()
    expect(server.started).toBe(true)
    expect(await ask(server.url, 'SELECT current_database()')).toBe('ferrule')
    expect(await ask(server.url, 'SHOW server_version')).toMatch(/^18\./)
    expect(await ask(server.url, 'SHOW fsync')).toBe('on')
    expect(await ask(server.url, 'SHOW listen_addresses')).toBe('')
    const socketFolder = String(await ask(server.url, 'SHOW unix_socket_directories'))
    expect(statSync(socketFolder).mode & 0o777).toBe(0o700)
    const passwordFile = join(folder, 'data', 'postgres', 'password')
    expect(statSync(passwordFile).mode & 0o777).toBe(0o600)
    await server.stop()
    expect(isAlive(server.pid)).toBe(false)
  })

  test('refuses a connection without the right password', async () => {
    const server = await start()
    await expect(ask(server.url.replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(
      /password authentication/,
    )
  })

  test('starts again after kill -9 of the server, with what was committed', async () => {
    const first = await start()
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    process.kill(first.pid, 'SIGKILL')
    const second = await start()
    expect(second.started).toBe(true)
    expect(second.pid).not.toBe(first.pid)
    expect(await ask(second.url, 'SELECT answer FROM kept')).toBe(42)
  })

  test('starts although the process id in a stale postmaster.pid now belongs to another program', async () => {
    const first = await start()
    const file = join(folder, 'data', 'postgres', 'cluster', 'postmaster.pid')
    const stale = readFileSync(file, 'utf8')
    await first.stop()
    writeFileSync(file, stale.replace(/^\d+/, String(process.pid)))
    const second = await start()
    expect(second.started).toBe(true)
    expect(await ask(second.url, 'SELECT 1')).toBe(1)
  })

  test('attaches to a server that runs, and only its starter stops it', async () => {
    const first = await start()
    const second = await start()
    const third = await start()
    expect([second.started, third.started]).toEqual([false, false])
    expect([second.pid, third.pid]).toEqual([first.pid, first.pid])
    await second.stop()
    await third.stop()
    expect(await ask(third.url, 'SELECT 1')).toBe(1)
    await first.stop()
    expect(isAlive(first.pid)).toBe(false)
  })

  test('two first starts at once end with one server', async () => {
    const children = [spawnStarter(join(folder, 'data')), spawnStarter(join(folder, 'data'))]
    const said = await Promise.all(children.map(firstLine))
    expect(new Set(said.map((line) => line.pid)).size).toBe(1)
    expect(said.map((line) => line.started).sort()).toEqual([false, true])
    await Promise.all(children.map(endStarter))
    expect(isAlive(Number(said[0]?.pid))).toBe(false)
    expect(
      readdirSync(join(folder, 'data', 'postgres')).filter((name) => name.startsWith('cluster.')),
    ).toEqual([])
  })

  test('outlives a starter that was killed, and the next start attaches to it', async () => {
    const child = spawnStarter(join(folder, 'data'))
    const { pid } = await firstLine(child)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const second = await start()
    toStop.push(async () => {
      process.kill(pid, 'SIGINT')
      await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
    })
    expect(second).toMatchObject({ pid, started: false })
    expect(await ask(second.url, 'SELECT 1')).toBe(1)
  })

  test('works for an ordinary user', async () => {
    const uid = process.getuid?.() === 0 ? 65534 : (process.getuid?.() ?? 0)
    const home = join(folder, 'home')
    mkdirSync(home)
    if (process.getuid?.() === 0) chownSync(home, uid, uid)
    const child = spawnStarter(join(home, 'data'), uid)
    const { pid, answer } = await firstLine(child)
    expect(answer).toBe('ferrule')
    expect(statSync(join(home, 'data', 'postgres', 'cluster')).uid).toBe(uid)
    await endStarter(child)
    expect(isAlive(pid)).toBe(false)
  })

  test('serves a data folder whose path is too long for a socket', async () => {
    const server = await start(join(folder, 'a-long-name'.repeat(9)))
    const socketFolder = String(await ask(server.url, 'SHOW unix_socket_directories'))
    toStop.push(async () => rmSync(socketFolder, { recursive: true }))
    expect(socketFolder.length).toBeLessThan(80)
    expect(statSync(socketFolder).mode & 0o777).toBe(0o700)
  })

  test('serves a data folder that only we may enter, and finds its data there again', async () => {
    const closed = join(folder, 'closed')
    mkdirSync(closed, { mode: 0o700 })
    const first = await start(join(closed, 'data'))
    await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await first.stop()
    const second = await start(join(closed, 'data'))
    const base = realpathSync(join(closed, 'data', 'postgres'))
    toStop.push(async () => rmSync(base, { recursive: true }))
    expect(await ask(second.url, 'SELECT answer FROM kept')).toBe(42)
  })
})

interface Said {
  pid: number
  started: boolean
  answer: string
}

/** The launcher in a process of its own, from transpiled source, because its user may differ from ours. */
function spawnStarter(dataDir: string, uid?: number): ChildProcess {
  const program = join(transpile(), 'starter.mjs')
  return spawn(process.execPath, [program, dataDir], {
    ...(uid !== undefined && process.getuid?.() === 0 ? { uid, gid: uid } : {}),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

function transpile(): string {
  const out = join(folder, 'program')
  if (existsSync(out)) return out
  const project = dirname(dirname(import.meta.dirname))
  const source = join(project, 'src')
  const rooms = { postgres: readdirSync(join(source, 'postgres')), domain: ['errors.ts'] }
  for (const [room, names] of Object.entries(rooms)) {
    mkdirSync(join(out, room), { recursive: true })
    for (const name of names.filter((entry) => /(?<!\.test)\.ts$/.test(entry))) {
      const { outputText } = ts.transpileModule(readFileSync(join(source, room, name), 'utf8'), {
        compilerOptions: {
          module: ts.ModuleKind.ESNext,
          target: ts.ScriptTarget.ES2023,
          rewriteRelativeImportExtensions: true,
        },
      })
      writeFileSync(join(out, room, name.replace(/\.ts$/, '.js')), outputText)
    }
  }
  symlinkSync(join(project, 'node_modules'), join(out, 'node_modules'))
  writeFileSync(join(out, 'package.json'), '{"type":"module"}')
  writeFileSync(join(out, 'starter.mjs'), starter)
  return out
}

const starter = `
import { startPostgres } from './postgres/launcher.js'
import { createPool } from './postgres/pool.js'
const server = await startPostgres({ dataDir: process.argv[2], log: () => {} })
const pool = createPool(server.url)
const { rows } = await pool.query('SELECT current_database() AS answer')
await pool.end()
console.log(JSON.stringify({ pid: server.pid, started: server.started, answer: rows[0].answer }))
for await (const _ of process.stdin);
await server.stop()
`

async function firstLine(child: ChildProcess): Promise<Said> {
  if (child.stdout === null) throw new Error('the starter has no stdout')
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line)
  throw new Error('the starter ended without a word')
}

async function endStarter(child: ChildProcess): Promise<void> {
  child.stdin?.end()
  if (child.exitCode === null) await once(child, 'exit')
}
