import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { FleetDials, FleetOptions, FleetRange, FleetStats } from '../lab/bmc/fleet.ts'

/** Cheap BMCs in bulk (lab/bmc/fleet.ts) in a process of their own, so that they and their poller use a core each. */
export interface FleetProcess {
  readonly addresses: readonly string[]
  readonly port: number
  setDials(dials: Partial<FleetDials>): Promise<void>
  setPower(range: FleetRange, on: boolean): Promise<void>
  setReachable(range: FleetRange, reachable: boolean): Promise<void>
  stats(): Promise<FleetStats>
  stop(): Promise<void>
}

/** What runs the fleet. */
export interface FleetProgram {
  command: string
  args: string[]
}

const here = fileURLToPath(new URL('.', import.meta.url))

/** The built fleet of lab/bmc: one socket per BMC. */
export function nodeFleet(dist = join(here, '..')): FleetProgram {
  return { command: process.execPath, args: [join(dist, 'lab/bmc/fleet-main.js')] }
}

/** The same in Go, built into `folder`: one socket for all BMCs. Throws what to install if there is no Go. */
export function goFleet(folder: string): FleetProgram {
  const beside = join(here, 'fleet-go')
  const command = join(folder, 'ferrule-bmc-fleet')
  const built = spawnSync('go', ['build', '-buildvcs=false', '-o', command, '.'], {
    // From dist/bench, the sources are two folders up.
    cwd: existsSync(beside) ? beside : join(here, '../../bench/fleet-go'),
    encoding: 'utf8',
  })
  if (built.error) throw new Error('go is not installed: run `apt-get install golang-go` (1.21 or newer)')
  if (built.status !== 0) throw new Error(`the fleet of BMCs does not build: ${built.stderr}`)
  return { command, args: [] }
}

/**
 * Rejects with the fleet's own words when an address cannot be bound.
 *
 * @example
 * const fleet = await startFleetProcess(
 *   { count: 10_000, first: '127.96.0.1', port: 7623, username: 'admin', password: 'secret' },
 *   goFleet(folder),
 * )
 * await fleet.setDials({ loss: 0.01, delayMs: 20 })
 */
export async function startFleetProcess(
  options: FleetOptions,
  { command, args }: FleetProgram = nodeFleet(),
): Promise<FleetProcess> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ask = conversation(child)
  try {
    const { addresses, port } = (await ask({ start: options })) as { addresses: string[]; port: number }
    return {
      addresses,
      port,
      setDials: async (dials) => void (await ask({ dials })),
      setPower: async (range, on) => void (await ask({ power: { ...range, on } })),
      setReachable: async (range, is) => void (await ask({ reachable: { ...range, is } })),
      // The fleet is ours: what it says has the shape of its own type.
      stats: async () => (await ask({ stats: true })) as FleetStats,
      stop: () => end(child),
    }
  } catch (error) {
    await end(child)
    throw error
  }
}

type Child = ChildProcessByStdio<Writable, Readable, null>

/** One line there, one line back; calls are answered in order. */
function conversation(child: Child): (order: unknown) => Promise<unknown> {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let last: Promise<unknown> = Promise.resolve()
  const turn = async (order: unknown) => {
    child.stdin.write(`${JSON.stringify(order)}\n`)
    const line = await lines.next()
    if (line.done) throw new Error('the fleet of BMCs ended')
    const answer: { ok?: unknown; error?: string } = JSON.parse(line.value)
    if (answer.error !== undefined) throw new Error(`the fleet of BMCs says: ${answer.error}`)
    return answer.ok
  }
  return (order) => {
    const mine = last.then(
      () => turn(order),
      () => turn(order),
    )
    last = mine
    return mine
  }
}

async function end(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.stdin.end()
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await gone
  clearTimeout(late)
}
