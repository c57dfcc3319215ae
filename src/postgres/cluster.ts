import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { FerruleError } from '../domain/errors.ts'
import type { Installation } from './binaries.ts'
import { owned, type Places, readPassword } from './places.ts'
import { isAlive } from './postmaster.ts'

const run = promisify(execFile)

/**
 * Makes the data directory with initdb, once. It is made under another name and renamed, so that a start that was
 * killed half-way leaves no half cluster, and two first starts at once end with one.
 */
export async function createCluster(
  places: Places,
  installation: Installation,
  { role, log }: { role: string; log: (message: string, fields?: Record<string, unknown>) => void },
): Promise<void> {
  if (existsSync(join(places.cluster, 'PG_VERSION'))) return
  removeAbandoned(places)
  const fresh = `${places.cluster}.${process.pid}`
  const passwordCopy = join(places.socketFolder, `password.${process.pid}`)
  mkdirSync(fresh, { mode: 0o700 })
  owned(fresh, places.account)
  // initdb reads it as the account, which cannot read ours.
  writeFileSync(passwordCopy, readPassword(places), { mode: 0o600 })
  owned(passwordCopy, places.account)
  try {
    await run(
      join(installation, 'bin', 'initdb'),
      [
        '--pgdata',
        fresh,
        '--username',
        role,
        '--pwfile',
        passwordCopy,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The same order of text on every machine, whatever locales it has.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        // Only initdb's own files are not forced to disk one by one; the server runs with fsync on.
        '--no-sync',
        '--no-instructions',
      ],
      { ...places.account, cwd: '/' },
    )
    chmodSync(fresh, 0o700)
    renameSync(fresh, places.cluster)
    log('PostgreSQL data directory created', { cluster: places.cluster })
  } catch (error) {
    if (existsSync(join(places.cluster, 'PG_VERSION'))) return
    const said = (error as { stderr?: string }).stderr?.trim() || String(error)
    throw new FerruleError(
      'database-unreachable',
      `initdb could not make the database in ${places.cluster}: ${said.slice(-600)}`,
      'Check the free space and the rights of the data folder, or set database.url to a PostgreSQL of your own.',
    )
  } finally {
    rmSync(passwordCopy, { force: true })
    rmSync(fresh, { recursive: true, force: true })
  }
}

function removeAbandoned(places: Places): void {
  for (const name of readdirSync(places.base)) {
    const [, pid] = /^cluster\.(\d+)$/.exec(name) ?? []
    if (pid !== undefined && (Number(pid) === process.pid || !isAlive(Number(pid)))) {
      rmSync(join(places.base, name), { recursive: true, force: true })
    }
  }
}
