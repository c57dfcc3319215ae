// @ts-check
/**
 * The small process that starts the lab's scripts: `fork()` copies the tables of all memory of whoever calls it, which
 * in a lab of some hundred megabytes takes longer than the script. It is plain JavaScript, so that it also runs where
 * the lab's sources are not compiled. It ends with the lab, and takes with it what still runs.
 *
 * @typedef {{
 *   id: number, command: string, args: string[], cwd: string, env: Record<string, string>, timeoutMs: number,
 *   uid?: number | undefined,
 * }} Job
 * @typedef {Job | { abort: number }} Message
 * @typedef {{ id: number, exit: number, stdout: string, stderr: string } | { id: number, error: string }} Answer
 */
import { spawn } from 'node:child_process'

/** Output beyond this is cut off, per stream. */
const OUTPUT_LIMIT = 4 * 1024 * 1024

/** Ends a running job's whole group. @type {Map<number, () => void>} */
const running = new Map()

process.on('message', (/** @type {Message} */ message) => {
  if ('abort' in message) running.get(message.abort)?.()
  else run(message)
})
process.on('disconnect', () => {
  for (const end of running.values()) end()
  process.exit()
})
// of a terminal: it is the lab that decides when it is over
process.on('SIGINT', () => {})

/** @param {Job} job */
function run({ id, command, args, cwd, env, timeoutMs, uid }) {
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
  const end = () => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // The group is gone already.
    }
  }
  running.set(id, end)
  const timer = setTimeout(() => {
    late = true
    end()
  }, timeoutMs)
  /** @param {Answer} answer */
  const finish = (answer) => {
    clearTimeout(timer)
    if (running.delete(id)) process.send?.(answer)
  }
  child.once('error', (error) => finish({ id, error: error.message }))
  // Background children may hold the pipes open: they are ended when the script itself has ended.
  child.once('exit', end)
  child.once('close', (code) => finish({ id, exit: late ? 124 : (code ?? 137), stdout, stderr }))
}
