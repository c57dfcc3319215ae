import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const IN_MEMORY = '/dev/shm'
let found: string | undefined

/**
 * Where the folders of installed systems are laid out while their scripts run. A hundred small files come and go with
 * each script: in memory they do not wait for the file system's journal, which the database beside us keeps busy. A
 * TMPDIR that somebody has set is obeyed.
 */
export function scratchFolder(): string {
  found ??= process.env.TMPDIR === undefined && runsPrograms(IN_MEMORY) ? IN_MEMORY : tmpdir()
  return found
}

/** Exists, is ours to write, and is not mounted noexec, as it is in many containers. */
export function runsPrograms(folder: string): boolean {
  let own: string | undefined
  try {
    own = mkdtempSync(join(folder, 'ferrule-lab-scratch-'))
    const program = join(own, 'program')
    writeFileSync(program, '#!/bin/sh\nexit 7\n')
    chmodSync(program, 0o700)
    return spawnSync(program).status === 7
  } catch {
    // there is no such folder, or none for us: what is asked is no more than whether there is one
    return false
  } finally {
    if (own !== undefined) rmSync(own, { recursive: true, force: true })
  }
}
