import { mkdirSync, readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Taking the state of a lab with many installed disks takes a while, on the thread that also answers for the lab. After
 * a slow one the next waits so many times as long.
 */
const REST = 20

/** Keeps one JSON value in a file: written soon after it was touched, whole or not at all. */
export interface StateFile {
  /** What the file held at the start; undefined if there was none. */
  readonly found: unknown
  /** Asks for a write within `delayMs`, or later if the last one took long. */
  touch(): void
  /** Writes now, and no more after that. */
  close(): Promise<void>
}

export function openStateFile(path: string, take: () => unknown, delayMs = 500): StateFile {
  mkdirSync(dirname(path), { recursive: true })
  const found = readJson(path)
  let timer: NodeJS.Timeout | null = null
  let writing: Promise<void> = Promise.resolve()
  let closed = false
  let tookMs = 0

  function text(): string {
    const start = performance.now()
    const json = JSON.stringify(take())
    tookMs = performance.now() - start
    return json
  }

  function write(): Promise<void> {
    writing = writing.then(async () => {
      await mkdir(dirname(path), { recursive: true })
      // A rename is atomic: a lab that is killed half-way leaves the former state.
      await writeFile(`${path}.new`, text(), { mode: 0o600 })
      await rename(`${path}.new`, path)
    })
    return writing
  }

  return {
    found,
    touch() {
      if (closed || timer !== null) return
      timer = setTimeout(
        () => {
          timer = null
          // The next touch tries again; a full disk must not end the lab.
          write().catch(() => {})
        },
        Math.max(delayMs, REST * tookMs),
      )
    },
    async close() {
      if (closed) return writing
      closed = true
      if (timer !== null) clearTimeout(timer)
      await writing.catch(() => {})
      writing = Promise.resolve()
      await write()
    },
  }
}

function readJson(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`${path} is not JSON; move it away to start a fresh lab`)
  }
}
