import { type ChildProcess, fork, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { isAlive } from '../../src/postgres/testing/process-start.ts'
import { OWNER_FILE, PREFIX } from '../../src/postgres/testing/test-folder.ts'
import { sweep } from '../support/sweep.ts'
import { waitUntil } from '../support/wait.ts'

/** Built, so that it is a process of its own that can be killed: the npm script builds it before. */
const program = fileURLToPath(new URL('../../dist/test/support/postgres-process.js', import.meta.url))

interface Held {
  child: ChildProcess
  folder: string
  pid: number
}

async function hold(): Promise<Held> {
  const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const told = await new Promise<{ folder: string; pid: number }>((resolve) => child.once('message', resolve))
  return { child, ...told }
}

async function kill({ child }: Held): Promise<void> {
  const over = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await over
}

describe('what a killed test run leaves behind', () => {
  const leftovers: string[] = []
  const others: ChildProcess[] = []
  afterAll(() => {
    for (const child of others) child.kill()
    for (const folder of leftovers) rmSync(folder, { recursive: true, force: true })
  })

  test('its PostgreSQL is ended and its folder removed; that of a living one goes on', async () => {
    const [dead, living] = await Promise.all([hold(), hold()])
    await kill(dead)
    expect(isAlive(dead.pid)).toBe(true)

    const said = await sweep()
    expect(said).toContain(`ended PostgreSQL ${dead.pid} of ${dead.folder}, whose test process is gone`)
    expect([isAlive(dead.pid), existsSync(dead.folder)]).toEqual([false, false])
    expect([isAlive(living.pid), existsSync(living.folder)]).toEqual([true, true])

    await kill(living)
    await sweep()
    expect([isAlive(living.pid), existsSync(living.folder)]).toEqual([false, false])
  })

  /** A folder that looks abandoned, whose file names a process which is no PostgreSQL. */
  function pretend(owner: unknown, pid: number): string {
    const folder = mkdtempSync(join(tmpdir(), `${PREFIX}pretend-`))
    leftovers.push(folder)
    mkdirSync(join(folder, 'postgres', 'cluster'), { recursive: true })
    writeFileSync(join(folder, 'postgres', 'cluster', 'postmaster.pid'), `${pid}\n`)
    if (owner !== null) writeFileSync(join(folder, OWNER_FILE), JSON.stringify(owner))
    return folder
  }

  test('nothing else is ended, and a folder that nobody claims stays', async () => {
    const sleeper = spawn('sleep', ['600'])
    others.push(sleeper)
    await waitUntil('sleep runs', () => sleeper.pid !== undefined)
    const pid = sleeper.pid ?? 0
    const gone = spawn('true')
    await new Promise((resolve) => gone.once('exit', resolve))
    const abandoned = pretend({ pid: gone.pid, started: null }, pid)
    const reused = pretend({ pid: process.pid, started: '1' }, pid)
    const unclaimed = pretend(null, pid)
    const ours = pretend({ pid: process.pid, started: null }, pid)
    const said = await sweep()
    expect(said.filter((line) => line.includes(String(pid)))).toEqual([])
    expect(isAlive(pid)).toBe(true)
    expect([abandoned, reused, unclaimed, ours].map((folder) => existsSync(folder))).toEqual([
      false,
      false,
      true,
      true,
    ])
  })
})
