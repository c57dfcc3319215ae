import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { LabFacts } from '../lab/facts.ts'

/** A lab in a process of its own, as bin/ferrule-lab starts it, so that it and Ferrule use a core each. */
export interface LabProcess {
  facts: LabFacts
  /** One call of the lab's control API. */
  control<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T>
  stop(): Promise<void>
}

const STARTS_WITHIN_MS = 20_000
const STOPS_WITHIN_MS = 5_000

/**
 * The lab's clock jumps from one thing that happens to the next: nothing in it waits, but all happens in its order.
 * @param dir for the file in which the lab says where it listens
 */
export async function startLabProcess(dir: string, racks = 2): Promise<LabProcess> {
  const readyFile = join(dir, 'lab.json')
  const program = fileURLToPath(new URL('../lab/main.js', import.meta.url))
  const child = spawn(
    process.execPath,
    [
      program,
      ...['--seed', '7', '--racks', String(racks)],
      ...['--time-scale', 'infinity', '--ready-file', readyFile],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const said: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
  try {
    const facts = await whenReady(child, readyFile, () => Buffer.concat(said).toString('utf8'))
    return {
      facts,
      control: (method, path, body) => call(`${facts.control}${path}`, method, body),
      stop: () => end(child),
    }
  } catch (error) {
    await end(child)
    throw error
  }
}

async function whenReady(child: ChildProcess, file: string, words: () => string): Promise<LabFacts> {
  const until = Date.now() + STARTS_WITHIN_MS
  while (Date.now() < until && child.exitCode === null) {
    const text = await readFile(file, 'utf8').catch(() => null)
    if (text !== null) return JSON.parse(text) as LabFacts
    await pause(20)
  }
  throw new Error(`the lab did not start: ${words() || 'it said nothing'}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS)
  await gone
  clearTimeout(late)
}

async function call<T>(url: string, method: string, body: unknown): Promise<T> {
  const response = await fetch(url, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`the lab answered ${response.status} to ${method} ${url}: ${text}`)
  return JSON.parse(text) as T
}
