import { parseArgs } from 'node:util'
import { createBare } from './bare.ts'
import { Boots } from './boots.ts'
import { CleanUp } from './clean-up.ts'
import { ferruleCpuMs, postmasterOf } from './cpu.ts'
import { deployAllAtOnce, deployOneByOne, destroyAll, type Server } from './deploys.ts'
import type { FerruleSite } from './ferrule-site.ts'
import { startFerrule } from './ferrule-site.ts'
import type { LabProcess } from './lab-process.ts'
import { startLabProcess } from './lab-process.ts'
import { byBare, byFerrule, stopAndStart } from './power-cycles.ts'
import type { Result } from './report.ts'
import { median, report, table } from './report.ts'

/**
 * What the controller itself costs. Ferrule's core runs in this process on its own PostgreSQL with fsync on, the lab in
 * another; MAAS, BMCs and switches are reached over loopback sockets with their real protocols. The lab's clock jumps,
 * so that nothing in it waits; what it really does for a deploy, such as running the hand-over's scripts, is part of
 * every figure except `overhead_ms`.
 */
const meaning = {
  overhead_ms:
    'median deploy, one at a time, two NICs: wall time minus the two steps that only wait for MAAS and the machine',
  deploy_ms: 'the same with nothing subtracted',
  deploys_per_s:
    'whole deploys, all hosts at once, until the last server runs; on the cores that the lab shares',
  cpu_ms_per_deploy: 'of these, CPU of Ferrule alone: this process and PostgreSQL',
  operations_per_s: 'stop and start, all servers at once, each at its own pace',
  bare_operations_per_s: 'the same device calls by plain functions: no engine, no records, no leases',
  durability_ratio: 'what an operation costs with the durable engine, bare = 1',
  commits_per_operation: 'transactions of PostgreSQL per stop or start',
  cpu_ms_per_operation: 'CPU of this process per stop or start',
}

/** Enough machines that both cores of a small computer have work all the time. */
const RACKS = 4

interface Effort {
  hosts: number
  deploys: number
  deploySeconds: number
  /** Times that all hosts are deployed at once, and counted. */
  rounds: number
  /** Times before that, at most: they pay for what is compiled once. */
  warmUps: number
  /** None is begun later than this. Seconds from the start of the benchmark. */
  warmUpSeconds: number
  /** Ferrule and its rival take turns, so that a busy moment of the machine hits both. */
  turns: number
  turnSeconds: number
}

const full: Effort = {
  hosts: 32,
  deploys: 20,
  deploySeconds: 60,
  rounds: 7,
  warmUps: 5,
  warmUpSeconds: 90,
  turns: 4,
  turnSeconds: 5,
}
const quick: Effort = {
  hosts: 16,
  deploys: 4,
  deploySeconds: 4,
  rounds: 1,
  warmUps: 4,
  warmUpSeconds: 18,
  turns: 2,
  turnSeconds: 1.5,
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const done = report('controller', await onFreshSite(values.quick ? quick : full, measure))
  process.stdout.write(values.json ? `${JSON.stringify(done)}\n` : table(done, meaning))
}

type Measure = (site: FerruleSite, lab: LabProcess, effort: Effort) => Promise<Result[]>

async function onFreshSite(effort: Effort, work: Measure): Promise<Result[]> {
  const cleanUp = new CleanUp()
  const dir = await cleanUp.folder()
  try {
    say('starting the lab and Ferrule')
    const lab = await startLabProcess(dir, RACKS)
    cleanUp.add(() => lab.stop())
    const site = await startFerrule(dir, lab, effort.hosts)
    cleanUp.add(() => site.stop())
    return await work(site, lab, effort)
  } finally {
    await cleanUp.run()
  }
}

async function measure(site: FerruleSite, lab: LabProcess, effort: Effort): Promise<Result[]> {
  say('deploying, one by one')
  // The first one pays for what is loaded and compiled once.
  await deployOneByOne(site, 1, 0)
  const deploys = await deployOneByOne(site, effort.deploys, effort.deploySeconds)

  say('deploying all at once')
  const { rates, cpu, servers } = await deployInRounds(site, effort)

  say('stopping and starting')
  const bare = await createBare(lab)
  const ferrules = servers.map((server) => byFerrule(site, server))
  const rivals = servers.map((server) => byBare(bare, server))
  const boots = new Boots(lab)
  const total = { operations: 0, seconds: 0, commits: 0, cpuMs: 0 }
  const rival = { operations: 0, seconds: 0 }
  for (let turn = 0; turn < effort.turns; turn++) {
    const before = { commits: await commits(site), cpu: process.cpuUsage() }
    add(total, await stopAndStart(boots, ferrules, effort.turnSeconds))
    const { user, system } = process.cpuUsage(before.cpu)
    total.cpuMs += (user + system) / 1000
    total.commits += (await commits(site)) - before.commits
    add(rival, await stopAndStart(boots, rivals, effort.turnSeconds))
  }
  await bare.close()

  const ferruleRate = total.operations / total.seconds
  const bareRate = rival.operations / rival.seconds
  const overheads = deploys.map(({ wall, waiting }) => wall - waiting)
  return [
    figure('overhead_ms', median(overheads), 'ms', 'lower'),
    figure('deploy_ms', median(deploys.map(({ wall }) => wall)), 'ms', 'lower'),
    figure('deploys_per_s', median(rates), '1/s', 'higher'),
    figure('cpu_ms_per_deploy', median(cpu), 'ms', 'lower'),
    figure('operations_per_s', ferruleRate, '1/s', 'higher'),
    figure('bare_operations_per_s', bareRate, '1/s', 'higher'),
    figure('durability_ratio', bareRate / ferruleRate, '×', 'lower'),
    figure('commits_per_operation', total.commits / total.operations, '', 'lower'),
    figure('cpu_ms_per_operation', total.cpuMs / total.operations, 'ms', 'lower'),
  ]
}

/** @returns deploys per second and milliseconds of CPU per deploy, for each round that counts; the last one's servers. */
async function deployInRounds(site: FerruleSite, effort: Effort) {
  const postmaster = await postmasterOf(site.services.tools.db)
  const round = async () => {
    const before = ferruleCpuMs(postmaster)
    const { servers, seconds } = await deployAllAtOnce(site)
    const cpu = (ferruleCpuMs(postmaster) - before) / servers.length
    return { servers, rate: servers.length / seconds, cpu }
  }
  const names = (servers: readonly Server[]) => servers.map(({ instance }) => instance)
  for (let warmUp = 0; warmUp < effort.warmUps && performance.now() < effort.warmUpSeconds * 1000; warmUp++)
    await destroyAll(site, names((await round()).servers))
  let last = await round()
  const counted = [last]
  while (counted.length < effort.rounds) {
    await destroyAll(site, names(last.servers))
    last = await round()
    counted.push(last)
  }
  return {
    rates: counted.map(({ rate }) => rate),
    cpu: counted.map(({ cpu }) => cpu),
    servers: last.servers,
  }
}

/** Standard output is for the figures alone. */
function say(text: string): void {
  process.stderr.write(`${text} …\n`)
}

function figure(id: keyof typeof meaning, value: number, unit: string, better: Result['better']): Result {
  return { id, value, unit, better }
}

function add(total: { operations: number; seconds: number }, more: typeof total): void {
  total.operations += more.operations
  total.seconds += more.seconds
}

async function commits(site: FerruleSite): Promise<number> {
  // PostgreSQL's processes hand in their counts when they are idle, at most every second.
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  const { rows } = await site.services.tools.db.query<{ commits: string }>(
    'select xact_commit as commits from pg_stat_database where datname = current_database()',
  )
  return Number(rows[0]?.commits ?? 0)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exitCode = 1
})
