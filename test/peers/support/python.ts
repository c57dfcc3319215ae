import { execFile } from 'node:child_process'
import { join } from 'node:path'

const PYTHON = process.env.PYTHON ?? 'python3'
const TIMEOUT_MS = 100_000

/** Runs an installed script of a Python package, wherever that interpreter keeps its scripts. */
const RUN_INSTALLED =
  'import os, runpy, sys, sysconfig\n' +
  'sys.argv = sys.argv[1:]\n' +
  'runpy.run_path(os.path.join(sysconfig.get_path("scripts"), sys.argv[0]), run_name="__main__")\n'

interface Ran {
  exit: number
  stdout: string
  stderr: string
}

/**
 * Runs test/peers/support/FOLDER/SCRIPT and gives what it prints. Rejects with its errors, or with what to install:
 * `needs` is the package of the Python index whose name is also the folder's.
 */
export async function runPython(needs: string, script: string, args: readonly string[]): Promise<string> {
  const { exit, stdout, stderr } = await run(needs, [join(import.meta.dirname, needs, script), ...args])
  if (exit !== 0) throw new Error(`${script}: ${stderr}${stdout}`)
  return stdout
}

/** Runs a program that came with a package; its exit code is for the caller to judge. */
export function runInstalled(needs: string, script: string, args: readonly string[]): Promise<Ran> {
  return run(needs, ['-c', RUN_INSTALLED, script, ...args])
}

function run(needs: string, args: readonly string[]): Promise<Ran> {
  // These take the place of "trust any certificate" in Python's requests, and what we talk to signs for itself.
  const { REQUESTS_CA_BUNDLE: _, CURL_CA_BUNDLE: __, ...env } = process.env
  return new Promise((resolve, reject) => {
    const options = { env, timeout: TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 }
    execFile(PYTHON, [...args], options, (error, stdout, stderr) => {
      const missing =
        error?.code === 'ENOENT' ||
        /No module named|No such file or directory: .*scripts|can't open file/.test(stderr)
      const hint = `install python3 and "python3 -m pip install ${needs}", or name an interpreter that has it in PYTHON`
      if (error !== null && missing) reject(new Error(`${needs} is missing: ${hint}`))
      else
        resolve({
          exit: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1,
          stdout,
          stderr,
        })
    })
  })
}
