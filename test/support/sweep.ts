import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isAlive, startOf } from '../../src/postgres/testing/process-start.ts'
import { OWNER_FILE, type Owner, PREFIX } from '../../src/postgres/testing/test-folder.ts'

/** PostgreSQL's fast shutdown gets so long before it is ended at once. */
const PATIENCE_MS = 5_000
/** Folders of tests lie so deep at most: folder/data/postgres/cluster. */
const DEPTH = 5

/**
 * The bundled PostgreSQL outlives whoever started it, on purpose; so a test run that was killed leaves its servers.
 * This ends those whose folder belongs to a test process that is gone, and removes the folder. Everything else is left
 * alone: folders without a recorded owner, owners that live, and processes that are not the server of that very folder.
 *
 * @returns one line for each server that was ended.
 */
export async function sweep(): Promise<string[]> {
  const ended: string[] = []
  for (const folder of abandonedFolders()) {
    for (const cluster of clustersIn(folder, DEPTH)) {
      const pid = serverOf(cluster)
      if (pid === null) continue
      await end(pid)
      ended.push(`ended PostgreSQL ${pid} of ${folder}, whose test process is gone`)
    }
    rmSync(folder, { recursive: true, force: true })
  }
  return ended
}

function abandonedFolders(): string[] {
  const places = [...new Set([tmpdir(), '/tmp'])].filter((place) => existsSync(place))
  return places.flatMap((place) =>
    readdirSync(place)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => join(place, name))
      .filter((folder) => isAbandoned(folder)),
  )
}

function isAbandoned(folder: string): boolean {
  const owner = ownerOf(folder)
  if (!owner) return false
  if (!isAlive(owner.pid)) return true
  const started = startOf(owner.pid)
  return owner.started !== null && started !== null && started !== owner.started
}

/** Null: nobody wrote who it belongs to. */
function ownerOf(folder: string): Owner | null {
  try {
    // written by testFolder
    const owner = JSON.parse(readFileSync(join(folder, OWNER_FILE), 'utf8')) as Owner
    return Number.isInteger(owner.pid) && owner.pid > 1 ? owner : null
  } catch {
    return null
  }
}

function clustersIn(folder: string, depth: number): string[] {
  if (existsSync(join(folder, 'postmaster.pid'))) return [folder]
  if (depth === 0) return []
  try {
    return readdirSync(folder)
      .map((name) => join(folder, name))
      .filter((path) => lstatSync(path).isDirectory())
      .flatMap((path) => clustersIn(path, depth - 1))
  } catch {
    // ended and removed by another sweep meanwhile
    return []
  }
}

/** The process that serves this cluster; a process id in a file may be anybody's by now, so its command line must say so. */
function serverOf(cluster: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10)
    const command = execFileSync('ps', ['-o', 'command=', '-ww', '-p', String(pid)], { encoding: 'utf8' })
    return pid > 1 && command.includes('postgres') && command.includes(`-D ${cluster}`) ? pid : null
  } catch {
    return null
  }
}

async function end(pid: number): Promise<void> {
  process.kill(pid, 'SIGINT')
  for (let waited = 0; isAlive(pid); waited += 50) {
    if (waited === PATIENCE_MS) process.kill(pid, 'SIGQUIT')
    await pause(50)
  }
}
