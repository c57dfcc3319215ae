import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Login } from '../ipmi-tools.ts'

const TIMEOUT_MS = 40_000

/** What go-ipmi's console reads of a BMC. */
export interface GoIpmiReading {
  on: boolean
  /** By sensor name; only those that have a reading. */
  readings: Record<string, number>
  states: Record<string, string>
  events: string[]
  /** Manufacturer, name, serial number. */
  product: [string, string, string]
  bootFlags: string
}

export interface GoIpmiClient {
  read(bmc: Login): Promise<GoIpmiReading>
  /** Types these keys at the serial console, one after the other, and gives what it shows in all. */
  sol(bmc: Login, keys: readonly string[]): Promise<string>
  remove(): void
}

/** Builds the console in a temporary folder; throws what to install if there is no Go. */
export function buildGoIpmiClient(): GoIpmiClient {
  const folder = mkdtempSync(join(tmpdir(), 'ferrule-goipmi-client-'))
  const program = join(folder, 'client')
  try {
    execFileSync('go', ['build', '-buildvcs=false', '-o', program, '.'], {
      cwd: import.meta.dirname,
      stdio: 'pipe',
    })
  } catch (cause) {
    rmSync(folder, { recursive: true, force: true })
    throw new Error(
      'the console of go-ipmi does not build: is Go 1.24 or newer installed (see go.dev/doc/install)?',
      {
        cause,
      },
    )
  }
  return {
    read: async (bmc) => JSON.parse(await run(program, bmc, 'read', [])),
    sol: (bmc, keys) => run(program, bmc, 'sol', keys),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function run(program: string, bmc: Login, what: string, keys: readonly string[]): Promise<string> {
  const { address, port, username, password } = bmc
  const env = { BMC_HOST: address, BMC_PORT: String(port), BMC_USER: username, BMC_PASS: password }
  const child = spawn(program, [what], { env: { ...process.env, ...env }, timeout: TIMEOUT_MS })
  let out = ''
  let errors = ''
  child.stdout.on('data', (chunk) => {
    out += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    errors += String(chunk)
  })
  const typing = typeAll(keys, (key) => child.stdin.write(key)).then(() => child.stdin.end())
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      typing.then(() => (code === 0 ? resolve(out) : reject(new Error(`go-ipmi: ${errors}${out}`))), reject)
    })
  })
}

/** As fast as a person types commands. */
async function typeAll(keys: readonly string[], type: (key: string) => void): Promise<void> {
  for (const key of keys) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    type(key)
  }
}
