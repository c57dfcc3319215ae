import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'

const script = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url))
/** Away from the sites that labs take by themselves, and different for test runs side by side. */
const site = String(151 + (process.pid % 90))

interface Start {
  child: ChildProcess
  output(): string
  ended: Promise<number | null>
  /** The URL that it tells; rejects when it ends without one. */
  url(): Promise<string>
}

let folder: string
let starts: Start[]

beforeEach(async () => {
  folder = testFolder('start')
  starts = []
})

afterEach(async () => {
  for (const { child, ended } of starts) {
    child.kill('SIGINT')
    await ended
  }
  await rm(folder, { recursive: true, force: true })
})

function start(args: string[]): Start {
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, FERRULE_DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const started: Start = {
    child,
    ended,
    output: () => text,
    async url() {
      const told = () => /Ferrule is up after .*: (http:\S+)/.exec(text)?.[1]
      const over = ended.then(() => 'ended' as const)
      for (;;) {
        const url = told()
        if (url) return url
        const pause = new Promise((resolve) => setTimeout(resolve, 50))
        if ((await Promise.race([pause, over])) === 'ended' && !told()) throw new Error(`no URL:\n${text}`)
      }
    },
  }
  starts.push(started)
  return started
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** The process ids of lab, daemon and PostgreSQL, as they stand in the data folder. */
function programs(): number[] {
  const files = ['run/lab.pid', 'run/ferruled.pid', 'postgres/cluster/postmaster.pid']
  return files.map((file) => Number.parseInt(readFileSync(join(folder, file), 'utf8'), 10))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function healthOf(url: string): Promise<unknown> {
  return (await fetch(`${url}/api/v1/health`)).json()
}

async function racksOf(url: string): Promise<string[]> {
  const token = readFileSync(join(folder, 'admin.token'), 'utf8').trim()
  const answer = await fetch(`${url}/api/v1/racks`, { headers: { authorization: `Bearer ${token}` } })
  const { items } = (await answer.json()) as { items: { name: string }[] }
  return items.map(({ name }) => name)
}

const control = () => JSON.parse(readFileSync(join(folder, 'lab/ready.json'), 'utf8')).control

async function pullCable(): Promise<void> {
  const answer = await fetch(`${control()}/machines/r2-h8/nics/eno1/link`, {
    method: 'POST',
    body: JSON.stringify({ up: false }),
  })
  expect(answer.status).toBe(200)
}

async function isCableIn(): Promise<boolean> {
  const answer = await fetch(`${control()}/machines/r2-h8`)
  const { nics } = (await answer.json()) as { nics: { linkUp: boolean }[] }
  return nics[0]?.linkUp ?? true
}

describe('npm start', () => {
  test('starts the lab and Ferrule, fills it, stops all of it, and goes on where it was', async () => {
    const args = ['--port', String(await freePort()), '--site', site, '--time-scale', '600']
    const first = start(args)
    const url = await first.url()
    expect(await healthOf(url)).toMatchObject({ status: 'ok', enabled: true })
    await expect.poll(() => racksOf(url), { timeout: 10_000 }).toEqual(['lab'])

    const second = start(args)
    expect(await second.ended).toBe(0)
    expect(second.output()).toContain(`process ${first.child.pid}, ${url}`)

    const running = programs()
    expect(running.map(isAlive)).toEqual([true, true, true])
    first.child.kill('SIGINT')
    expect(await first.ended).toBe(0)
    expect(running.map(isAlive)).toEqual([false, false, false])
    expect(existsSync(join(folder, 'run/start.pid'))).toBe(false)

    const warm = start(args)
    expect(await racksOf(await warm.url())).toEqual(['lab'])
    expect(warm.output()).not.toContain('rack configuration lab')
  }, 120_000)

  test('after kill -9 the next start clears away what is left and comes up', async () => {
    const args = ['--port', String(await freePort()), '--site', site, '--time-scale', '600']
    const first = start(args)
    await first.url()
    const [lab = 0, daemon = 0] = programs()
    // right before, so that only a lab that was asked to stop can have written it down
    await pullCable()
    first.child.kill('SIGKILL')
    await first.ended
    expect(isAlive(lab)).toBe(true)

    const next = start(args)
    expect(await healthOf(await next.url())).toMatchObject({ status: 'ok' })
    // an orphan that has ended is there until the init of the machine has asked after it
    await expect.poll(() => [lab, daemon].map(isAlive), { timeout: 20_000 }).toEqual([false, false])
    expect(next.output()).toContain(
      `Stopped the lab that a killed start left running (process ${lab}). Its machines, switches and MAAS go on where they were.`,
    )
    expect(await isCableIn()).toBe(false)
  }, 120_000)

  test('with a configuration file there is no lab, and a faulty one is told in the words of the daemon', async () => {
    const file = join(folder, 'ferrule.yaml')
    await writeFile(file, 'listen: { port: 99999 }\n')
    const faulty = start(['--config', file])
    expect(await faulty.ended).toBe(1)
    expect(faulty.output()).toContain('listen.port')
    expect(faulty.output()).toContain('Correct it and start again.')

    await writeFile(file, 'listen: { port: 0 }\ndataDir: data\n')
    const production = start(['--config', file])
    await expect.poll(() => production.output(), { timeout: 30_000 }).toMatch(/Ready: http:/)
    const url = /Ready: (http:\/\/[\d.:]+)/.exec(production.output())?.[1] ?? ''
    expect(await healthOf(url)).toMatchObject({ status: 'ok', enabled: false })
    expect(existsSync(join(folder, 'lab'))).toBe(false)
    production.child.kill('SIGTERM')
    expect(await production.ended).toBe(0)
  }, 60_000)
})
