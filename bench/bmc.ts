import { parseArgs } from 'node:util'
import { pollByFerrule } from './bmc-poll.ts'
import type { Cost, Rival } from './bmc-rivals.ts'
import { ipmipower, ipmitool, pyghmi, requireRivals } from './bmc-rivals.ts'
import { type Watch, WatchSite } from './bmc-watch.ts'
import { CleanUp } from './clean-up.ts'
import { type FleetProgram, goFleet, startFleetProcess } from './fleet.ts'
import type { Result } from './report.ts'
import { report, table } from './report.ts'

/**
 * What it costs to know the power of many servers. First one poll of 50, 200 and 1,000 BMCs by ipmitool, ipmipower,
 * pyghmi and Ferrule's client; then the observer on PostgreSQL over minutes, and how many BMCs fill one core. All ask the
 * same BMCs: a small program that speaks IPMI 2.0 (bench/fleet-go).
 *
 *     npm run bench:bmc -- [--quick] [--json] [--part rivals|watch|kept] [--minutes 3]
 */
const meaning: Record<string, string> = {
  ipmitool_wall_ratio: 'ipmitool, 16 at once: how many times as long as Ferrule with new sessions',
  ipmitool_cpu_ratio: 'the same in processor time of the clients',
  ipmipower_cpu_ratio_new: "processor time of ipmipower, Ferrule's with new sessions = 1",
  ipmipower_cpu_ratio_kept: 'the same, Ferrule keeping its sessions',
  ferrule_new_cpu_ms: 'processor time per BMC: log in, ask, log out',
  ferrule_kept_cpu_ms: 'processor time per BMC in a session that stays open',
  watch_cpu_percent:
    '10,000 BMCs every 60 s, 1 % of the datagrams lost, 5 ms delay: share of a core, PostgreSQL apart',
  watch_rss_mib: 'the same: memory of the whole process',
  watch_oldest_s: 'the same: the oldest reading that was ever seen',
  watch_false_unknowns: 'the same: hosts that were called unknown',
  watch_postgres_percent: 'the same: share of a core of PostgreSQL',
  watch_kept_cpu_percent:
    '10,000 BMCs every 45 s with sessions that stay open, on the same network: share of a core',
  watch_kept_rss_mib: 'the same: memory of the whole process',
  watch_kept_oldest_s: 'the same: the oldest reading that was ever seen',
  watch_kept_false_unknowns: 'the same: hosts that were called unknown',
  watch_full_core_bmcs: 'BMCs every 60 s that fill one core, by the last step of the curve',
}

const login = { username: 'admin', password: 'secret', first: '127.96.0.1' }
const PORT = 7623
/** BMCs at each step of the curve. */
const STEPS = [25_000, 50_000, 75_000, 100_000]
/** Percent of a core at which a process has no more to give. */
const FULL = 90

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      part: { type: 'string', default: 'rivals,watch' },
      minutes: { type: 'string', default: '3' },
    },
  })
  const parts = values.part.split(',')
  // the durable engine is one of its process
  if (parts.includes('watch') && parts.includes('kept')) throw new Error('give --part watch or --part kept')
  requireRivals({ python: !values.quick && parts.includes('rivals') })
  const cleanUp = new CleanUp()
  const dir = await cleanUp.folder()
  try {
    const program = goFleet(dir)
    const results: Result[] = []
    if (values.quick) results.push(...(await quick(program)))
    else {
      if (parts.includes('rivals')) results.push(...(await rivals(program)))
      if (parts.includes('watch'))
        results.push(...(await watch(program, dir, Number(values.minutes), cleanUp)))
      if (parts.includes('kept'))
        results.push(...(await keeping(program, dir, Number(values.minutes), cleanUp)))
    }
    const done = report('bmc', results)
    process.stdout.write(values.json ? `${JSON.stringify(done)}\n` : table(done, meaning))
  } finally {
    await cleanUp.run()
  }
}

async function quick(program: FleetProgram): Promise<Result[]> {
  return withFleet(
    program,
    200,
    async (addresses) => (await compare(addresses, [ipmitool, ipmipower])).ratios,
  )
}

async function rivals(program: FleetProgram): Promise<Result[]> {
  const results: Result[] = []
  for (const count of [50, 200, 1000]) {
    await withFleet(program, count, async (addresses) => {
      const { ratios, costs } = await compare(addresses, [ipmitool, ipmipower, pyghmi])
      results.push(...costs)
      if (count === 200) results.unshift(...ratios)
    })
  }
  return results
}

/** As an operator who gives one session of each BMC for it has it. */
async function keeping(
  program: FleetProgram,
  dir: string,
  minutes: number,
  cleanUp: CleanUp,
): Promise<Result[]> {
  const site = await WatchSite.start(
    program,
    dir,
    { ...login, port: PORT },
    { everyS: 45, keepSessions: true },
  )
  cleanUp.add(() => site.stop())
  say(`watching 10,000 BMCs for ${minutes} minutes with sessions that stay open`)
  const kept = tell(await site.watch(10_000, minutes * 60))
  return [
    figure('watch_kept_cpu_percent', kept.cpuPercent, '%', 'lower'),
    figure('watch_kept_rss_mib', kept.rssMib, 'MiB', 'lower'),
    figure('watch_kept_oldest_s', kept.oldestSeconds, 's', 'lower'),
    figure('watch_kept_false_unknowns', kept.unknowns, '', 'lower'),
  ]
}

/** First for some minutes, then more and more hosts, until one process is full or the fleet is. */
async function watch(
  program: FleetProgram,
  dir: string,
  minutes: number,
  cleanUp: CleanUp,
): Promise<Result[]> {
  const site = await WatchSite.start(
    program,
    dir,
    { ...login, port: PORT },
    { everyS: 60, keepSessions: false },
  )
  cleanUp.add(() => site.stop())
  say(`watching 10,000 BMCs for ${minutes} minutes`)
  const first = tell(await site.watch(10_000, minutes * 60))
  const results = [
    figure('watch_cpu_percent', first.cpuPercent, '%', 'lower'),
    figure('watch_rss_mib', first.rssMib, 'MiB', 'lower'),
    figure('watch_oldest_s', first.oldestSeconds, 's', 'lower'),
    figure('watch_false_unknowns', first.unknowns, '', 'lower'),
    figure('watch_postgres_percent', first.postgresPercent, '%', 'lower'),
  ]
  let last = first
  for (const count of STEPS) {
    if (last.cpuPercent > FULL) break
    say(`watching ${count.toLocaleString('en')} BMCs`)
    last = tell(await site.watch(count, 60))
    results.push(
      figure(`watch_${count}_cpu_percent`, last.cpuPercent, '%', 'lower'),
      figure(`watch_${count}_postgres_percent`, last.postgresPercent, '%', 'lower'),
      figure(`watch_${count}_rss_mib`, last.rssMib, 'MiB', 'lower'),
      figure(`watch_${count}_oldest_s`, last.oldestSeconds, 's', 'lower'),
      figure(`watch_${count}_false_unknowns`, last.unknowns, '', 'lower'),
    )
  }
  return [...results, figure('watch_full_core_bmcs', (last.count * 100) / last.cpuPercent, '', 'higher')]
}

function tell(watched: Watch): Watch {
  say(JSON.stringify(watched))
  return watched
}

/** All of them in one run, one after the other, on the same BMCs. */
async function compare(
  addresses: readonly string[],
  rivals: readonly Rival[],
): Promise<{ ratios: Result[]; costs: Result[] }> {
  const count = addresses.length
  const costs: Result[] = []
  const by = new Map<string, Cost>()
  const keep = (name: string, cost: Cost) => {
    by.set(name, cost)
    costs.push(
      figure(`${name}_${count}_wall_ms`, cost.wallMs / count, 'ms', 'lower'),
      figure(`${name}_${count}_cpu_ms`, cost.cpuMs / count, 'ms', 'lower'),
    )
  }
  for (const rival of rivals) {
    say(`${count} BMCs by ${rival.name}`)
    // what ends within a moment is measured several times
    const times = rival === ipmipower ? 5 : 1
    keep(rival.name, mean(Array.from({ length: times }, () => rival.poll(addresses))))
  }
  for (const sessions of ['new', 'kept'] as const) {
    say(`${count} BMCs by Ferrule, ${sessions} sessions`)
    keep(`ferrule_${sessions}`, await pollByFerrule(addresses, sessions, sessions === 'new' ? 6000 : 20_000))
  }
  const cost = (name: string): Cost => by.get(name) ?? { wallMs: Number.NaN, cpuMs: Number.NaN }
  const [fresh, kept] = [cost('ferrule_new'), cost('ferrule_kept')]
  return {
    costs,
    ratios: [
      figure('ipmitool_wall_ratio', cost('ipmitool').wallMs / fresh.wallMs, '×', 'higher'),
      figure('ipmitool_cpu_ratio', cost('ipmitool').cpuMs / fresh.cpuMs, '×', 'higher'),
      figure('ipmipower_cpu_ratio_new', cost('ipmipower').cpuMs / fresh.cpuMs, '×', 'higher'),
      figure('ipmipower_cpu_ratio_kept', cost('ipmipower').cpuMs / kept.cpuMs, '×', 'higher'),
      figure('ferrule_new_cpu_ms', fresh.cpuMs / count, 'ms', 'lower'),
      figure('ferrule_kept_cpu_ms', kept.cpuMs / count, 'ms', 'lower'),
    ],
  }
}

function mean(costs: readonly Cost[]): Cost {
  const sum = (part: keyof Cost) => costs.reduce((all, cost) => all + cost[part], 0)
  return { wallMs: sum('wallMs') / costs.length, cpuMs: sum('cpuMs') / costs.length }
}

async function withFleet<T>(
  program: FleetProgram,
  count: number,
  work: (addresses: string[]) => Promise<T>,
): Promise<T> {
  const fleet = await startFleetProcess({ ...login, port: PORT, count }, program)
  try {
    return await work(fleet.addresses.map((address) => `${address}:${fleet.port}`))
  } finally {
    await fleet.stop()
  }
}

function figure(id: string, value: number, unit: string, better: Result['better']): Result {
  return { id, value, unit, better }
}

/** Standard output is for the figures alone. */
function say(text: string): void {
  process.stderr.write(`${text} …\n`)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
