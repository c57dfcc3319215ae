/**
 * Scripts of an installed system name its files by absolute paths. Here those names are moved into the folder that
 * stands for its root, and a script that could still reach a real path of this computer is refused.
 */

/** Folders of the installed system that its scripts may name. */
const SYSTEM_FOLDERS = 'etc|var|run|home|root|usr/local|usr/lib|usr/share|lib|boot|opt|srv|mnt|tmp'

const BEFORE = '(?<![\\w.\\-/}\\])*?])'
const SYSTEM_PATH = new RegExp(`${BEFORE}/(?=(?:${SYSTEM_FOLDERS})(?![\\w.-]))`, 'g')
const PROGRAM_PATH = new RegExp(`${BEFORE}/(?:usr/)?s?bin/([\\w.-]+)`, 'g')
const ANY_PATH = new RegExp(`${BEFORE}/[A-Za-z_][\\w.+-]*(?:/[\\w.+-]*)*`, 'g')
const BARE_ROOT = /(?<=^|[\s"'=;(])\/(?=$|[\s"';*)])/m
const UPWARDS = /(?<![\w.])\.\.(?![\w.])/
/** `$x/etc/…` is a real path as soon as x is empty. */
const AFTER_VARIABLE = new RegExp(`\\$\\{?\\w+\\}?["']?/(?:${SYSTEM_FOLDERS})(?![\\w.-])`)

const HARMLESS = new Set([
  '/bin/sh',
  '/bin/bash',
  '/usr/bin/env',
  '/usr/bin/bash',
  '/usr/bin/python3',
  '/dev/null',
  '/dev/stdout',
  '/dev/stderr',
])
/** Only in a PATH=…, behind our own stand-ins. */
const PROGRAM_FOLDERS = new Set(['/bin', '/sbin', '/usr/bin', '/usr/sbin'])

export interface Confinement {
  /** The folder that is the system's `/`. */
  root: string
  /** Stand-ins for programs that would act on this computer. */
  programs: string
  standIns: ReadonlySet<string>
}

/** Why this script must not run here, or null. */
export function refusal(script: string, standIns: ReadonlySet<string>): string | null {
  if (BARE_ROOT.test(script)) return 'it names / itself'
  if (UPWARDS.test(script)) return 'it climbs with ..'
  const joined = AFTER_VARIABLE.exec(script)
  if (joined) return `${joined[0]} is a real path when the variable is empty`
  for (const [path] of script.matchAll(ANY_PATH)) {
    const plain = path.replace(/\/+$/, '')
    if (HARMLESS.has(plain) || PROGRAM_FOLDERS.has(plain)) continue
    if (new RegExp(SYSTEM_PATH.source).test(plain)) continue
    const program = /^\/(?:usr\/)?s?bin\/([\w.-]+)$/.exec(plain)?.[1]
    if (program !== undefined && standIns.has(program)) continue
    return `it names ${plain}, which is outside of the system's folder`
  }
  return null
}

export function intoFolder(text: string, { root, programs, standIns }: Confinement): string {
  return text
    .replace(PROGRAM_PATH, (path, program: string) =>
      standIns.has(program) ? `${programs}/${program}` : path,
    )
    .replace(SYSTEM_PATH, (slash, at: number, whole: string) =>
      whole.startsWith(programs, at) || whole.startsWith(root, at) ? slash : `${root}/`,
    )
    .replaceAll(/\bPATH=/g, `PATH=${programs}:`)
}

export function outOfFolder(text: string, { root, programs }: Confinement): string {
  return text
    .replaceAll(`PATH=${programs}:`, 'PATH=')
    .replaceAll(`${programs}/`, '/usr/sbin/')
    .replaceAll(root, '')
}
