import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** What a running server says of itself in `postmaster.pid` (PostgreSQL: src/include/utils/pidfile.h). */
export interface Postmaster {
  pid: number
  port: number
  socketFolder: string
  ready: boolean
}

/** @returns undefined when no server claims the cluster, or the file is not yet whole. */
export function readPostmaster(cluster: string): Postmaster | undefined {
  let text: string
  try {
    text = readFileSync(join(cluster, 'postmaster.pid'), 'utf8')
  } catch {
    return undefined
  }
  const [pid, , , port, socketFolder, , , status] = text.split('\n')
  if (!Number(pid)) return undefined
  return {
    pid: Number(pid),
    port: Number(port),
    socketFolder: socketFolder ?? '',
    ready: status?.trim() === 'ready',
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * After kill -9 the file stays, and its process id may since belong to any program. PostgreSQL would then refuse to
 * start for good, so a file whose process is no PostgreSQL is removed.
 */
export function removeStaleFile(cluster: string): void {
  const claimed = readPostmaster(cluster)
  if (claimed === undefined || (isAlive(claimed.pid) && isPostgres(claimed.pid))) return
  rmSync(join(cluster, 'postmaster.pid'), { force: true })
}

function isPostgres(pid: number): boolean {
  try {
    return execFileSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).includes('postgres')
  } catch (error) {
    // Exit status 1: no such process any more. No `ps` at all: believe the file, as PostgreSQL would.
    return (error as { status?: number | null }).status !== 1
  }
}
