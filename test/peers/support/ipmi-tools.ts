import { execFile } from 'node:child_process'

export interface Outcome {
  /** Exit code; null when a signal ended it. */
  exit: number | null
  stdout: string
  stderr: string
}

const TOOL_TIMEOUT_MS = 30_000

/** Runs one of ipmitool and FreeIPMI's tools. Rejects, with what to install, when it is missing. */
export function runTool(tool: string, args: readonly string[]): Promise<Outcome> {
  // Debian keeps FreeIPMI's tools in sbin, which an ordinary user's PATH lacks.
  // The words and dates of one language, whatever the user's is.
  const env = { ...process.env, LC_ALL: 'C', PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` }
  return new Promise((resolve, reject) => {
    execFile(tool, [...args], { env, timeout: TOOL_TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT')
        return reject(new Error(`${tool} is missing: apt-get install ipmitool freeipmi-tools`))
      const exit = error === null ? 0 : typeof error.code === 'number' ? error.code : null
      resolve({ exit, stdout, stderr })
    })
  })
}

export interface Login {
  address: string
  port: number
  username: string
  password: string
}

/** ipmitool over RMCP+; without a suite it asks the BMC which ones it has. */
export function ipmitool(to: Login, suite: 3 | 17 | null, ...command: string[]): Promise<Outcome> {
  const login = ['-H', to.address, '-p', String(to.port), '-U', to.username, '-P', to.password]
  const cipher = suite === null ? [] : ['-C', String(suite)]
  return runTool('ipmitool', ['-I', 'lanplus', ...login, ...cipher, ...command])
}

/** One of FreeIPMI's tools over RMCP+. */
export function freeipmi(tool: string, to: Login, suite: 3 | 17, ...options: string[]): Promise<Outcome> {
  const login = ['-h', `${to.address}:${to.port}`, '-u', to.username, '-p', to.password]
  return runTool(tool, ['-D', 'LAN_2_0', ...login, '-I', String(suite), ...options])
}
