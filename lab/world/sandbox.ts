import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type Confinement, intoFolder, outOfFolder, refusal } from './confine.ts'
import { interpreterOf, run } from './process.ts'
import { scratchFolder } from './scratch.ts'
import { type PowerRequest, ROOT_VARIABLE, STAND_INS, STATE_VARIABLE, writeStandIns } from './stand-ins.ts'

/** Real time that one script of an installed system may take. */
const TIMEOUT_MS = 30_000

/** On this computer a system's scripts are nobody (uid of Debian and most others), where the lab may choose. */
const NOBODY = 65534

/** There in every system, also when no file of the lab's is in them. */
const SYSTEM_FOLDERS = [
  'etc',
  'var/lib/cloud',
  'var/log',
  'run',
  'home',
  'root',
  'usr/local/bin',
  'usr/local/sbin',
  'tmp',
  'opt',
]

export interface SandboxRun {
  exit: number
  output: string
  /** The system's files after the script. */
  files: Record<string, string>
  power: PowerRequest
  /** Set if the script was not run at all: why. */
  refused?: string
}

/**
 * Runs a script of an installed system for real, with the system's files in a temporary folder, and gives back the
 * files as it left them. Links, modes and bytes that are not UTF-8 do not survive: the lab's systems have none.
 */
export async function runInSystem(
  files: Record<string, string>,
  script: string,
  signal: AbortSignal,
): Promise<SandboxRun> {
  const refused = refusal(script, STAND_INS)
  if (refused !== null) return { exit: 126, output: `refused: ${refused}\n`, files, power: null, refused }

  const folder = mkdtempSync(join(scratchFolder(), 'ferrule-lab-system-'))
  const place: Confinement = {
    root: join(folder, 'root'),
    programs: join(folder, 'programs'),
    standIns: STAND_INS,
  }
  try {
    const laid = layOut(files, place)
    const program = join(folder, 'script')
    writeFileSync(program, intoFolder(script, place))
    const uid = process.getuid?.() === 0 && openToOthers(folder) ? NOBODY : undefined
    if (uid !== undefined) giveTo(uid, folder)
    const ran = await run(interpreterOf(script), [program], {
      cwd: place.root,
      env: {
        PATH: `${place.programs}:/usr/local/bin:/usr/bin:/bin`,
        HOME: join(place.root, 'root'),
        LANG: 'C.UTF-8',
        [ROOT_VARIABLE]: place.root,
        [STATE_VARIABLE]: folder,
      },
      signal,
      timeoutMs: TIMEOUT_MS,
      ...(uid === undefined ? {} : { uid }),
    })
    const output = outOfFolder(ran.stdout + ran.stderr, place)
    return { exit: ran.exit, output, files: pickUp(place, laid, files), power: readPower(folder) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Writes the files below the root; returns what was written, to know later what a script has changed. */
function layOut(files: Record<string, string>, place: Confinement): Map<string, string> {
  mkdirSync(place.programs)
  writeStandIns(place.programs)
  for (const folder of SYSTEM_FOLDERS) mkdirSync(join(place.root, folder), { recursive: true })
  const laid = new Map<string, string>()
  for (const [path, text] of Object.entries(files)) {
    const isScript = text.startsWith('#!')
    const unsafe = isScript ? refusal(text, STAND_INS) : null
    const confined =
      unsafe === null ? intoFolder(text, place) : `#!/bin/sh\necho 'refused: ${path}' >&2\nexit 126\n`
    const target = join(place.root, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, confined, { mode: isScript ? 0o755 : 0o644 })
    laid.set(path, confined)
  }
  return laid
}

function pickUp(
  place: Confinement,
  laid: Map<string, string>,
  before: Record<string, string>,
): Record<string, string> {
  const after: Record<string, string> = {}
  for (const entry of readdirSync(place.root, { recursive: true, encoding: 'utf8' }).sort()) {
    const target = join(place.root, entry)
    if (!lstatSync(target).isFile()) continue
    const path = `/${entry}`
    // /run and /tmp live in memory: the next boot finds them empty.
    if (path.startsWith('/run/') || path.startsWith('/tmp/')) continue
    const text = readFileSync(target, 'utf8')
    const untouched = laid.get(path) === text ? before[path] : undefined
    after[path] = untouched ?? outOfFolder(text, place)
  }
  return after
}

function readPower(folder: string): PowerRequest {
  try {
    return readFileSync(join(folder, 'power'), 'utf8').trim() === 'reboot' ? 'reboot' : 'poweroff'
  } catch {
    return null
  }
}

/** A temporary folder that stands in a private one (TMPDIR=/root/tmp) cannot be handed to another user. */
function openToOthers(folder: string): boolean {
  for (let above = dirname(folder); above !== dirname(above); above = dirname(above)) {
    if ((statSync(above).mode & 0o001) === 0) return false
  }
  return true
}

function giveTo(uid: number, folder: string): void {
  const root = join(folder, 'root')
  for (const path of [folder, join(folder, 'script'), root]) chownSync(path, uid, uid)
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' }))
    chownSync(join(root, entry), uid, uid)
}
