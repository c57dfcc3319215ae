import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { FerruleError } from '../domain/errors.ts'
import { type Account, canReach, chooseAccount } from './account.ts'

/** Where everything of one embedded server lies, and who runs it. */
export interface Places {
  account: Account | undefined
  /** Ours: holds the rest. */
  base: string
  /** The server's data directory (PGDATA); its owner is the account. */
  cluster: string
  /** Holds the unix socket; only the account (and root) may enter. */
  socketFolder: string
  passwordFile: string
  logFile: string
}

/** Longest socket path that both Linux (107) and macOS (103) accept. */
const longestSocketPath = 103
export const socketPort = 5432

/** Folders for a root whose data folder no other account may enter (for example below /root). */
const sharedState = '/var/lib/ferrule'

/** Makes the folders of the server whose home is `dataDir`. Safe to repeat and to run twice at once. */
export function preparePlaces(dataDir: string): Places {
  mkdirSync(dataDir, { recursive: true })
  const named = join(realpathSync(dataDir), 'postgres')
  let account = chooseAccount(join(named, 'cluster'))
  if (!existsSync(named)) createBase(named, account)
  // From here on the real folder: the server compares paths as strings.
  const base = realpathSync(named)
  account = chooseAccount(join(base, 'cluster'))
  const socketFolder = prepareSocketFolder(base, account)
  const passwordFile = join(base, 'password')
  createPassword(passwordFile)
  return {
    account,
    base,
    cluster: join(base, 'cluster'),
    socketFolder,
    passwordFile,
    logFile: join(base, 'server.log'),
  }
}

export function readPassword(places: Places): string {
  return readFileSync(places.passwordFile, 'utf8').trim()
}

/** Where the binaries may be copied to when the npm package's own folder does not do, best first. */
export function copyFolders(places: Places): string[] {
  return places.account === undefined ? [places.base] : [sharedState, places.base]
}

export function owned(path: string, account: Account | undefined): void {
  if (account !== undefined) chownSync(path, account.uid, account.gid)
}

function createBase(named: string, account: Account | undefined): void {
  try {
    mkdirSync(named, { mode: 0o711 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return
  }
  // A umask may have narrowed it; the account must be able to walk through, not to list.
  chmodSync(named, account === undefined ? 0o700 : 0o711)
  if (account === undefined || canWalkTo(named, account)) return
  // Somebody above is closed to the account. A link from the data folder keeps the real place findable, and its random
  // name makes a removed data folder mean a fresh database.
  const elsewhere = join(sharedState, `data-${randomBytes(6).toString('hex')}`)
  mkdirSync(elsewhere, { recursive: true })
  chmodSync(sharedState, 0o755)
  chmodSync(elsewhere, 0o711)
  rmSync(named, { recursive: true })
  symlinkSync(elsewhere, named)
}

function canWalkTo(folder: string, account: Account): boolean {
  const probe = join(folder, '.probe')
  mkdirSync(probe, { mode: 0o755, recursive: true })
  chmodSync(probe, 0o755)
  try {
    return canReach(probe, account)
  } finally {
    rmSync(probe, { recursive: true, force: true })
  }
}

function prepareSocketFolder(base: string, account: Account | undefined): string {
  const near = join(base, 'run')
  const short = Buffer.byteLength(`${near}/.s.PGSQL.${socketPort}`) <= longestSocketPath
  const hash = createHash('sha256').update(base).digest('hex').slice(0, 12)
  const folder = short ? near : `/tmp/ferrule-${hash}`
  const uid = account?.uid ?? process.getuid?.() ?? 0
  try {
    mkdirSync(folder, { mode: 0o700 })
    owned(folder, account)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  // Everybody may create names in /tmp: what is already there may be a trap.
  const seen = lstatSync(folder)
  const isOurs = seen.uid === uid || seen.uid === process.getuid?.()
  if (!seen.isDirectory() || !isOurs || (seen.mode & 0o077) !== 0) {
    throw new FerruleError(
      'database-unreachable',
      `The folder ${folder} for PostgreSQL's socket is not a private folder of user id ${uid} (owner ${seen.uid}, mode ${(seen.mode & 0o777).toString(8)}).`,
      `Remove ${folder}, or give a shorter dataDir so that the socket fits inside it.`,
    )
  }
  owned(folder, account)
  return folder
}

/** Written under another name and linked, so that no reader ever sees it empty; the first of two writers wins. */
function createPassword(file: string): void {
  if (existsSync(file)) return
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
  try {
    linkSync(fresh, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(fresh)
  }
}
