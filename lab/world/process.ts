import { spawn } from 'node:child_process'

export interface Ran {
  exit: number
  stdout: string
  stderr: string
}

/** Output beyond this is cut off, per stream. */
const OUTPUT_LIMIT = 4 * 1024 * 1024

/** The program that runs a script, by its first line: sh, bash or python3. */
export function interpreterOf(script: string): string {
  const first = script.slice(0, script.indexOf('\n') + 1 || undefined)
  if (!first.startsWith('#!')) return 'sh'
  return /\b(python3|bash)\b/.exec(first)?.[1] ?? 'sh'
}

/**
 * Runs a program in a process group of its own and ends the whole group with it, so that nothing that a script left
 * in the background outlives it. Rejects with the signal's reason when it aborts; a program that takes longer than
 * `timeoutMs` of real time ends with exit 124, as under timeout(1).
 */
export function run(
  command: string,
  args: string[],
  options: { cwd: string; env: Record<string, string>; signal: AbortSignal; timeoutMs: number; uid?: number },
): Promise<Ran> {
  const { cwd, env, signal, timeoutMs, uid } = options
  if (signal.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const identity = uid === undefined ? {} : { uid, gid: uid }
    const child = spawn(command, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...identity,
    })
    let stdout = ''
    let stderr = ''
    let late = false
    child.stdout.setEncoding('utf8').on('data', (text) => {
      if (stdout.length < OUTPUT_LIMIT) stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      if (stderr.length < OUTPUT_LIMIT) stderr += text
    })
    const killGroup = () => {
      if (child.pid === undefined) return
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // The group is gone already.
      }
    }
    const timer = setTimeout(() => {
      late = true
      killGroup()
    }, timeoutMs)
    signal.addEventListener('abort', killGroup, { once: true })
    const release = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', killGroup)
    }
    child.once('error', (error) => {
      release()
      reject(error)
    })
    // Background children may hold the pipes open: they are ended when the script itself has ended.
    child.once('exit', killGroup)
    child.once('close', (code) => {
      release()
      if (signal.aborted) reject(signal.reason)
      else resolve({ exit: late ? 124 : (code ?? 137), stdout, stderr })
    })
  })
}
