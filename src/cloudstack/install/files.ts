import { createHash } from 'node:crypto'
import { chmod, chown, mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FerruleError } from '../../domain/errors.ts'
import { relativePath } from './extension.ts'
import type { Finding, Piece, Remnant } from './piece.ts'

export interface FileOptions {
  /** Of the extension. */
  name: string
  /** The program of the second extension is to be there, too. */
  forNetwork?: boolean
  /** CloudStack's folder of extensions on this management server. */
  folder: string
  /** The executable as it comes with Ferrule. */
  source: string
  /** Where the executable reads where the daemon is. */
  settingsFile: string
  /** What stands there; null: whatever is there is right. */
  settings: Readonly<Record<string, string>> | null
  /** Who the files are to belong to; null: who runs this. */
  owner: { uid: number; gid: number } | null
}

/** Below it only what install wrote. */
const HEADER = '# Written by "ferrule cloudstack install"; "uninstall" takes it away again.\n'

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

/** CloudStack compares this file's checksum among its management servers, so each of them gets the same bytes. */
export function executablePiece({ name, folder, source, owner }: FileOptions): Piece {
  const path = join(folder, relativePath(name))
  return {
    what: `executable ${path}`,
    async look(): Promise<Finding> {
      const wanted = await readFile(source)
      const note = `sha256 ${sha256(wanted)}`
      const found = await contentOf(path)
      const put = () => put0755(path, wanted, owner)
      if (found === null) return { as: 'missing', make: put, note }
      const differences = [
        ...(found.equals(wanted) ? [] : [`its sha256 is ${sha256(found)}`]),
        ...(await modeDiffers(path, owner)),
      ]
      return differences.length === 0 ? { as: 'right', note } : { as: 'different', differences, mend: put }
    },
  }
}

/** Written beside it and renamed: CloudStack never starts half a file, nor finds none. */
async function put0755(path: string, content: Buffer, owner: FileOptions['owner']): Promise<void> {
  await attempt(path, async () => {
    const made = await mkdir(dirname(path), { recursive: true, mode: 0o755 })
    if (made !== undefined && owner !== null) await chown(dirname(path), owner.uid, owner.gid)
    const fresh = `${path}.new`
    await writeFile(fresh, content)
    await chmod(fresh, 0o755)
    if (owner !== null) await chown(fresh, owner.uid, owner.gid)
    await rename(fresh, path)
  })
}

async function modeDiffers(path: string, owner: FileOptions['owner']): Promise<string[]> {
  const { mode, uid } = await stat(path)
  const seen = (mode & 0o777).toString(8).padStart(4, '0')
  return [
    ...(seen === '0755' ? [] : [`its mode is ${seen}`]),
    ...(owner === null || owner.uid === uid ? [] : [`its owner is ${uid}`]),
  ]
}

/** Where the daemon is. A file that somebody else wrote is left as it is. */
export function settingsPiece({ settingsFile, settings }: FileOptions): Piece {
  const lines = Object.entries(settings ?? {}).map(([name, value]) => `${name}=${value}\n`)
  const wanted = Buffer.from(`${HEADER}${lines.join('')}`)
  return {
    what: `settings ${settingsFile}`,
    async look(): Promise<Finding> {
      const found = await contentOf(settingsFile)
      const put = () =>
        attempt(settingsFile, async () => {
          await mkdir(dirname(settingsFile), { recursive: true, mode: 0o755 })
          await writeFile(settingsFile, wanted, { mode: 0o644 })
        })
      if (found === null)
        return settings === null
          ? { as: 'right', note: 'none: the daemon is looked for at /run/ferrule/ferrule.sock' }
          : { as: 'missing', make: put, note: lines.join(' ').replaceAll('\n', '') }
      if (settings === null || found.equals(wanted)) return { as: 'right' }
      if (!found.toString().startsWith(HEADER))
        return { as: 'right', note: 'somebody else wrote it, so it is left as it is' }
      return { as: 'different', differences: ['it says something else'], mend: put }
    },
  }
}

export function executableRemnant({ name, folder, source }: FileOptions): Remnant {
  const path = join(folder, relativePath(name))
  return {
    what: `executable ${path}`,
    async look() {
      const found = await contentOf(path)
      if (found === null) return null
      if (!found.equals(await readFile(source)))
        return { kept: `it is not the one of this Ferrule: its sha256 is ${sha256(found)}` }
      return {
        remove: () =>
          attempt(path, async () => {
            await rm(path)
            // what else lies in the folder is not ours
            await rmdir(dirname(path)).catch(() => {})
          }),
      }
    },
  }
}

export function fileRemnants(options: FileOptions): Remnant[] {
  const { settingsFile } = options
  return [
    executableRemnant(options),
    {
      what: `settings ${settingsFile}`,
      async look() {
        const found = await contentOf(settingsFile)
        if (found === null) return null
        if (!found.toString().startsWith(HEADER)) return { kept: 'somebody else wrote it' }
        return { remove: () => attempt(settingsFile, () => rm(settingsFile)) }
      },
    },
  ]
}

async function contentOf(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null
    throw failed(path, error)
  }
}

async function attempt(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw failed(path, error)
  }
}

function failed(path: string, error: unknown): FerruleError {
  return new FerruleError(
    'check-failed',
    `${path} cannot be read or written: ${codeOf(error)}`,
    'Run it as root on a management server, or name other places with --folder and --settings.',
    { path },
  )
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
