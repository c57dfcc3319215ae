import { execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

const largestLog = 10_000_000

/**
 * A program of ours, started in a session of its own: Ctrl-C reaches only us, and we end our programs one by one, each
 * after those that need it.
 *
 * @typedef {{ pid: number, child: import('node:child_process').ChildProcess, log: string, since: number,
 *   ended: Promise<number | null>, hasEnded: () => boolean }} Program
 */

/**
 * @param {{ script: string, args: string[], log: string, pidFile?: string, env?: NodeJS.ProcessEnv, ipc?: boolean }} of
 * @returns {Program}
 */
export function startProgram({ script, args, log, pidFile, env = process.env, ipc = false }) {
  const since = trimLog(log)
  const output = openSync(log, 'a', 0o600)
  const child = spawn(process.execPath, [script, ...args], {
    detached: true,
    env,
    stdio: ['ignore', output, output, ...(ipc ? ['ipc'] : [])],
  })
  closeSync(output)
  let over = false
  const ended = new Promise((resolve) => {
    child.once('error', () => resolve(null))
    child.once('exit', (code) => resolve(code))
  }).then((code) => {
    over = true
    if (pidFile) rmSync(pidFile, { force: true })
    return code
  })
  const pid = child.pid ?? 0
  if (pidFile) writeFileSync(pidFile, `${pid}\n`)
  return { pid, child, log, since, ended, hasEnded: () => over }
}

/** Asks a program of ours to end, insists after `patience` milliseconds, and returns when it is gone. */
export async function stopProgram(program, patience = 30_000) {
  if (program.hasEnded()) return
  program.child.kill('SIGTERM')
  const timer = setTimeout(() => program.child.kill('SIGKILL'), patience)
  await program.ended
  clearTimeout(timer)
}

/** What a program wrote since it was started, its end only. */
export function lastWords(program, characters = 2_000) {
  return readFileSync(program.log).subarray(program.since).toString('utf8').trim().slice(-characters)
}

function trimLog(log) {
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0
  if (size <= largestLog) return size
  truncateSync(log)
  return 0
}

/**
 * The process that an earlier run wrote into `pidFile`, if it still runs and is what we think: process ids are used
 * again, so its command line must hold every one of `words`.
 *
 * @returns {number | null}
 */
export function runningFrom(pidFile, words) {
  const pid = readPid(pidFile)
  if (pid === null) return null
  const command = commandOf(pid)
  return command !== null && words.every((word) => command.includes(word)) ? pid : null
}

function readPid(pidFile) {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10)
    return pid > 1 ? pid : null
  } catch {
    return null
  }
}

/** @returns {string | null} null: no such process */
function commandOf(pid) {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    // a process that has ended and waits for its parent has no command line any more
    return command === '' ? null : command
  } catch (error) {
    if (process.platform === 'linux') return null
    if (error.code !== 'ENOENT') return null
  }
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return null
  }
}

/**
 * Ends what an earlier run left behind: asks first, so that it can write down what it holds.
 *
 * @returns {Promise<{ pid: number, forced: boolean } | null>} null: there was nothing
 */
export async function stopLeftover(pidFile, words, patience = 30_000) {
  const pid = runningFrom(pidFile, words)
  let forced = false
  if (pid !== null) {
    signal(pid, 'SIGTERM')
    for (const start = Date.now(); runningFrom(pidFile, words) === pid; ) {
      forced = Date.now() - start > patience
      if (forced) signal(pid, 'SIGKILL')
      await pause(50)
    }
  }
  rmSync(pidFile, { force: true })
  return pid === null ? null : { pid, forced }
}

function signal(pid, name) {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}
