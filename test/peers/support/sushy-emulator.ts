import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { certificates } from '../../../src/drivers/bmc/redfish/testing/certificates.ts'

/** OpenStack's Redfish emulator (sushy-tools), with its fake machines: changes of power take 1 to 11 s there. */
export interface SushyEmulator {
  /** address:port. User: "admin"/"secret". */
  address: string
  fingerprint: string
  /** File with its certificate, for who wants to trust it as an authority's. */
  certificateFile: string
  /** Ids of its systems. */
  systems: string[]
  /** A system as another client sees it. */
  // biome-ignore lint/suspicious/noExplicitAny: it is JSON of a foreign program, read by tests
  show(id: string): Promise<any>
  stop(): Promise<void>
}

/** htpasswd's form of "secret". */
const bcryptOfSecret = '$2b$05$WaGeLsXK9yCC9nRi7MjCdefOxDjRm81uZ0tqcbtcHUum/uHkGum3e'

/** Throws what to install if it is missing. */
export async function startSushyEmulator(systems: string[]): Promise<SushyEmulator> {
  if (spawnSync('sushy-emulator', ['--help']).error !== undefined) {
    throw new Error('sushy-emulator is not installed: run `pip install sushy-tools bcrypt`')
  }
  const folder = mkdtempSync(join(tmpdir(), 'ferrule-sushy-'))
  mkdirSync(join(folder, 'state'))
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const certificateFile = file('bmc.crt', certificates.first.cert)
  const port = await freePort()
  const fakes = systems.map((uuid, index) => ({
    uuid,
    name: `fake-${index}`,
    power_state: 'Off',
    external_notifier: false,
    nics: [{ mac: `00:5c:52:31:3a:0${index}`, ip: `172.22.0.10${index}` }],
  }))
  const configuration = file(
    'emulator.conf',
    `SUSHY_EMULATOR_FAKE_DRIVER = True
SUSHY_EMULATOR_LISTEN_IP = '127.0.0.1'
SUSHY_EMULATOR_LISTEN_PORT = ${port}
SUSHY_EMULATOR_SSL_CERT = '${certificateFile}'
SUSHY_EMULATOR_SSL_KEY = '${file('bmc.key', certificates.first.key)}'
SUSHY_EMULATOR_AUTH_FILE = '${file('htpasswd', `admin:${bcryptOfSecret}\n`)}'
SUSHY_EMULATOR_STATE_DIR = '${join(folder, 'state')}'
SUSHY_EMULATOR_FAKE_SYSTEMS = ${JSON.stringify(fakes).replaceAll('false', 'False')}
`,
  )
  const child = spawn('sushy-emulator', ['--config', configuration], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (output += text))
  const stop = () => end(child, folder)
  const answers = await until(() => get(port, '/redfish/v1/').then(() => true), 200)
  if (!answers) {
    await stop()
    throw new Error(`sushy-emulator does not answer: ${output}`)
  }
  return {
    address: `127.0.0.1:${port}`,
    fingerprint: certificates.first.fingerprint,
    certificateFile,
    systems,
    show: (id) => get(port, `/redfish/v1/Systems/${id}`),
    stop,
  }
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
}

async function until(look: () => Promise<boolean>, tries: number): Promise<boolean> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    if (await look().catch(() => false)) return true
    await sleep(100)
  }
  return false
}

function get(port: number, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      auth: 'admin:secret',
      rejectUnauthorized: false,
      agent: false,
    }
    const sent = request(options, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += String(chunk)
      })
      response.on('end', () =>
        response.statusCode === 200
          ? resolve(JSON.parse(text))
          : reject(new Error(`${response.statusCode} ${text}`)),
      )
    })
    sent.on('error', reject)
    sent.end()
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const bound = server.address()
      server.close(() => resolve(typeof bound === 'object' && bound ? bound.port : 0))
    })
  })
}
