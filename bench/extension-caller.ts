import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Stands in for CloudStack's management server: a process that starts one process per call, one after another, and
 * nothing else, so that what its children cost can be read from it. Told what to do over IPC.
 */
export interface CallsWanted {
  argv: string[]
  env: Record<string, string>
  times: number
  /** What the answer must contain: a call that fails fast would be a fine figure. */
  expected: string
}

export interface CallsMade {
  wallMs: number[]
  /** Of all children together. */
  cpuMs: number
}

/** As `getconf CLK_TCK` says on every Linux that Node runs on. */
const TICK_MS = 10

process.on('message', (wanted: CallsWanted) => {
  make(wanted).then(
    (made) => process.send?.(made),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      process.exit(1)
    },
  )
})

async function make({ argv, env, times, expected }: CallsWanted): Promise<CallsMade> {
  const before = childrenTicks()
  const wallMs: number[] = []
  for (let count = 0; count < times; count++) {
    const from = performance.now()
    const said = await call(argv, env)
    wallMs.push(performance.now() - from)
    if (!said.includes(expected)) throw new Error(`${argv.join(' ')} said: ${said || 'nothing'}`)
  }
  return { wallMs, cpuMs: (childrenTicks() - before) * TICK_MS }
}

function call([program = '', ...args]: string[], env: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let said = ''
    child.on('error', reject)
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said += chunk
      })
    child.on('close', () => resolve(said))
  })
}

/** Of children that were waited for, and theirs: proc(5), /proc/PID/stat, cutime and cstime. */
function childrenTicks(): number {
  const text = readFileSync('/proc/self/stat', 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return Number(fields[13]) + Number(fields[14])
}
