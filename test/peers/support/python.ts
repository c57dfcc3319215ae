import { execFile } from 'node:child_process'
import { join } from 'node:path'

const PYTHON = process.env.PYTHON ?? 'python3'
const TIMEOUT_MS = 60_000

/**
 * Runs test/peers/support/FOLDER/SCRIPT and gives what it prints. Rejects with its errors, or with what to install:
 * `needs` is the package of the Python index whose name is also the folder's.
 */
export function runPython(needs: string, script: string, args: readonly string[]): Promise<string> {
  const path = join(import.meta.dirname, needs, script)
  return new Promise((resolve, reject) => {
    execFile(
      PYTHON,
      [path, ...args],
      { timeout: TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout)
        const missing = error.code === 'ENOENT' || /No module named/.test(stderr)
        const hint = `install python3 and "python3 -m pip install ${needs}", or name an interpreter that has it in PYTHON`
        reject(new Error(missing ? `${needs} is missing: ${hint}` : `${script}: ${stderr}${stdout}`))
      },
    )
  })
}
