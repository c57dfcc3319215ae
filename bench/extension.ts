import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CleanUp } from './clean-up.ts'
import type { CallsMade, CallsWanted } from './extension-caller.ts'
import type { ExtensionSite } from './extension-site.ts'
import { startSite } from './extension-site.ts'
import type { Result } from './report.ts'
import { median, report, table } from './report.ts'

/**
 * What CloudStack's questions about power cost on a management server. It starts one process per call; Ferrule's is
 * extension/ferrule.sh, whose daemon and PostgreSQL are counted too; the in-built extension's is a Python process that
 * imports what that one imports and makes its one request, whose other end costs nothing here.
 */
const VMS = 500

const meaning = {
  status_ms: 'median wall time of one status through ferrule.sh',
  status_cpu_ms: 'processor time of one: sh, curl, the daemon and PostgreSQL',
  inbuilt_ms: 'median wall time of one status of the in-built extension',
  inbuilt_cpu_ms: 'processor time of one: Python and its imports',
  inbuilt_wall_ratio: 'status: in-built / Ferrule, wall time',
  inbuilt_cpu_ratio: 'status: in-built / Ferrule, processor time',
  round_ms: `one ping round of ${VMS} VMs by statuses (CloudStack 4.22.1), wall time`,
  round_cpu_ms: 'its processor time, daemon and PostgreSQL included',
  round_single_s: `the same round by ${VMS} status calls (CloudStack 4.21 and 4.22.0): ${VMS} × the mean`,
  inbuilt_round_s: `the same round by the in-built extension, which knows no statuses: ${VMS} × the mean`,
}

interface Effort {
  /** Ferrule and its rival take turns, so that a busy moment of the machine hits both. */
  turns: number
  statuses: number
  rivals: number
  rounds: number
}

const full: Effort = { turns: 10, statuses: 50, rivals: 20, rounds: 10 }
const quick: Effort = { turns: 4, statuses: 20, rivals: 6, rounds: 3 }

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const cleanUp = new CleanUp()
  try {
    const dir = await cleanUp.folder()
    const caller = fork(fileURLToPath(new URL('./extension-caller.js', import.meta.url)))
    cleanUp.add(async () => void caller.kill())
    const site = await startSite(dir, VMS)
    cleanUp.add(site.stop)
    const done = report('extension', await measure(site, askerOf(caller), values.quick ? quick : full))
    process.stdout.write(values.json ? `${JSON.stringify(done)}\n` : table(done, meaning))
  } finally {
    await cleanUp.run()
  }
}

type Ask = (wanted: CallsWanted) => Promise<CallsMade>

function askerOf(caller: ReturnType<typeof fork>): Ask {
  const gone = new Promise<never>((_resolve, reject) =>
    caller.once('exit', () => reject(new Error('a call failed; see above'))),
  )
  // it also ends when all is measured, and nobody waits
  gone.catch(() => undefined)
  return (wanted) => {
    const answered = new Promise<CallsMade>((resolve) =>
      caller.once('message', (made: CallsMade) => resolve(made)),
    )
    caller.send(wanted)
    return Promise.race([answered, gone])
  }
}

async function measure(site: ExtensionSite, ask: Ask, effort: Effort): Promise<Result[]> {
  const { payloads } = site
  const ferrule = (action: 'status' | 'statuses', times: number): CallsWanted => ({
    argv: [
      '/bin/sh',
      fileURLToPath(new URL('../../extension/ferrule.sh', import.meta.url)),
      action,
      payloads[action],
      '60',
    ],
    env: { FERRULE_SOCKET: site.daemon.socket, FERRULE_EXTENSION_CONFIG: '/nonexistent' },
    times,
    expected: action === 'status' ? 'PowerOn' : `"i-2-${VMS}-VM":"PowerOn"`,
  })
  const inbuilt = (times: number): CallsWanted => ({
    argv: [
      process.env.PYTHON ?? 'python3',
      fileURLToPath(new URL('../../bench/extension-inbuilt.py', import.meta.url)),
      'status',
      payloads.inbuilt,
      '60',
    ],
    env: {},
    times,
    expected: 'PowerOn',
  })
  // what is loaded and compiled once, and files that are read for the first time
  for (const first of [ferrule('status', 10), ferrule('statuses', 2), inbuilt(2)]) await ask(first)

  const single = { walls: [] as number[], cpu: 0 }
  const rival = { walls: [] as number[], cpu: 0 }
  const rounds = { walls: [] as number[], cpu: 0 }
  for (let turn = 0; turn < effort.turns; turn++) {
    await site.readPower()
    await add(single, ferrule('status', effort.statuses))
    await add(rounds, ferrule('statuses', effort.rounds))
    const { wallMs, cpuMs } = await ask(inbuilt(effort.rivals))
    rival.walls.push(...wallMs)
    rival.cpu += cpuMs
  }
  async function add(sum: typeof single, wanted: CallsWanted): Promise<void> {
    site.cpuMs()
    const { wallMs, cpuMs } = await ask(wanted)
    sum.walls.push(...wallMs)
    sum.cpu += cpuMs + site.cpuMs()
  }

  const each = ({ walls, cpu }: typeof single) => cpu / walls.length
  const round = ({ walls }: typeof single) => (VMS * walls.reduce((a, b) => a + b, 0)) / walls.length / 1000
  return [
    figure('status_ms', median(single.walls), 'ms', 'lower'),
    figure('status_cpu_ms', each(single), 'ms', 'lower'),
    figure('inbuilt_ms', median(rival.walls), 'ms', 'higher'),
    figure('inbuilt_cpu_ms', each(rival), 'ms', 'higher'),
    figure('inbuilt_wall_ratio', median(rival.walls) / median(single.walls), '×', 'higher'),
    figure('inbuilt_cpu_ratio', each(rival) / each(single), '×', 'higher'),
    figure('round_ms', median(rounds.walls), 'ms', 'lower'),
    figure('round_cpu_ms', each(rounds), 'ms', 'lower'),
    figure('round_single_s', round(single), 's', 'lower'),
    figure('inbuilt_round_s', round(rival), 's', 'higher'),
  ]
}

function figure(id: keyof typeof meaning, value: number, unit: string, better: Result['better']): Result {
  return { id, value, unit, better }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exitCode = 1
})
