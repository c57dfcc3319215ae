import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const executable = join(import.meta.dirname, '../../../extension/ferrule.sh')

export interface Knocked {
  exit: number | null
  stdout: string
  stderr: string
  ms: number
  message: string | undefined
}

/** The extension under a named shell, its settings in a file, as CloudStack starts it: stdin is a pipe that never ends. */
export async function knock(
  shell: string,
  argv: readonly string[],
  conf: string,
  env: Record<string, string> = {},
): Promise<Knocked> {
  const from = performance.now()
  const child = spawn(shell, [executable, ...argv], {
    env: { PATH: process.env.PATH, FERRULE_EXTENSION_CONFIG: conf, ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const exit = await new Promise<number | null>((resolve, reject) => {
    child.on('error', () => reject(new Error(`${shell} is missing: install the package ${shell}`)))
    child.on('close', resolve)
  })
  const ms = performance.now() - from
  child.stdin.destroy()
  const message = stdout === '' ? undefined : String(JSON.parse(stdout).message)
  return { exit, stdout, stderr, ms, message }
}

/** What any user of this machine sees of running programs. */
export function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')]
      } catch {
        return []
      }
    })
}
