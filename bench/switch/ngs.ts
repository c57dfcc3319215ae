import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { type Rack, to } from './rack.ts'
import { sourceFile } from './source-file.ts'
import type { SwitchLogin } from './ssh-switch.ts'

/** Throws with the package to install. */
export function requireNgs(): void {
  const { error, status } = spawnSync(python(), ['-c', 'import networking_generic_switch'], {
    stdio: 'ignore',
  })
  if (error || status !== 0)
    throw new Error(
      'networking-generic-switch does not load: run "pip install networking-generic-switch", or name an interpreter that has it in PYTHON',
    )
}

/** Only the calls are timed, not that the program loads. `keep`: one SSH session for all of them, which is not its default. */
export async function moveByNgs(
  rack: Rack,
  login: SwitchLogin,
  { keep, count }: { keep: boolean; count: number },
): Promise<{ during: (watch: Watch) => Promise<{ wallMs: number; heard: Awaited<ReturnType<Watch>> }> }> {
  const asked = { ...login, keep, ...to, ports: rack.ports.slice(0, count) }
  const child = spawn(python(), ['-W', 'ignore', sourceFile('ngs.py'), JSON.stringify(asked)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (text) => {
    errors += String(text)
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const line = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`networking-generic-switch has ended: ${errors.slice(-2000)}`)
    return value
  }
  await line()
  return {
    during: async (watch) => {
      let wallMs = 0
      const heard = await watch(async () => {
        child.stdin.end('go\n')
        const { seconds } = JSON.parse(await line())
        wallMs = Number(seconds) * 1000
      })
      // its library of threads waits a while for nothing
      child.kill('SIGKILL')
      return { wallMs, heard }
    },
  }
}

type Watch = Rack['during']

function python(): string {
  return process.env.PYTHON ?? 'python3'
}
