import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeBlockStandIns } from './block-stand-ins.ts'
import type { SparseDisk } from './disk.ts'
import { layOutDisk, pickUpDisk } from './disk-files.ts'
import { interpreterOf, type Ran, run } from './process.ts'

/** Real time that one script of MAAS's environments may take. */
const TIMEOUT_MS = 60_000

/** Devices that are no disks; every other /dev/… of a script is one of the machine, never one of this computer. */
const PLAIN_DEVICES = 'null|zero|random|urandom|stdin|stdout|stderr|fd|tty'
const DEVICE_PATH = new RegExp(`(?<![\\w.\\-/}])/dev/(?!(?:${PLAIN_DEVICES})(?![\\w-]))`, 'g')

/**
 * Runs a script as MAAS's ephemeral environment does, for real, against these disks: they are sparse files that
 * lsblk names, and what the script writes to them is on the disks afterwards. The script sees its folder's paths in
 * its output replaced by the real ones (/dev/sda).
 */
export async function runOnDisks(
  disks: readonly SparseDisk[],
  script: string,
  args: string[],
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'ferrule-lab-script-'))
  try {
    const devices = join(folder, 'dev')
    const programs = join(folder, 'programs')
    mkdirSync(devices)
    mkdirSync(programs)
    writeBlockStandIns(programs, devices, disks)
    const files = disks.map((disk) => layOutDisk(disk, join(devices, disk.name)))
    const program = join(folder, 'script')
    const confine = (text: string) => text.replace(DEVICE_PATH, `${devices}/`)
    writeFileSync(program, confine(script))
    const ran = await run(interpreterOf(script), [program, ...args.map(confine)], {
      cwd: folder,
      env: {
        PATH: `${programs}:${process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin'}`,
        HOME: folder,
        LANG: 'C.UTF-8',
        ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, confine(value)])),
      },
      signal,
      timeoutMs: TIMEOUT_MS,
    }).finally(async () => {
      // Also when power went in the middle: what was written until then is on the disks.
      for (const file of files) await pickUpDisk(file)
    })
    const real = (text: string) => text.replaceAll(`${devices}/`, '/dev/')
    return { exit: ran.exit, stdout: real(ran.stdout), stderr: real(ran.stderr) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
