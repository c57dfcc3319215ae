import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { FleetOptions } from '../lab/bmc/fleet.ts'
import { loadConfig } from '../src/config/load.ts'
import { type Core, startCore } from '../src/core.ts'
import { powerSummary } from '../src/store/power-readings.ts'
import { postgresCpuMs, postmasterOf } from './cpu.ts'
import { type FleetProcess, type FleetProgram, startFleetProcess } from './fleet.ts'

/** What it took to watch so many BMCs, over some time. */
export interface Watch {
  count: number
  /** Share of a core that the daemon's process took. */
  cpuPercent: number
  /** The same of all processes of PostgreSQL. */
  postgresPercent: number
  rssMib: number
  /** The oldest reading at any of the moments that were looked at, some seconds apart. */
  oldestSeconds: number
  /** Hosts that were called unknown although all BMCs were there all the time. */
  unknowns: number
}

/** How often each host is looked at, and whether its session stays open until the next look. */
export interface Manner {
  everyS: number
  keepSessions: boolean
}

/** Losses in both directions: about one question in fifty is sent twice. */
const NETWORK = { loss: 0.01, delayMs: 5 }
const LOOK_EVERY_MS = 3_000
const MOST = 100_000

/**
 * Ferrule's core in this process with its own PostgreSQL, as the daemon runs it, and a fleet of BMCs that never fail
 * behind a network that loses datagrams. Everything that the daemon does when nobody asks anything is part of the figures.
 */
export class WatchSite {
  readonly #core: Core
  readonly #fleet: FleetProcess
  readonly #postgres: number
  readonly #everyS: number
  #hosts = 0

  private constructor(core: Core, fleet: FleetProcess, postgres: number, everyS: number) {
    this.#everyS = everyS
    this.#core = core
    this.#fleet = fleet
    this.#postgres = postgres
  }

  static async start(
    program: FleetProgram,
    dir: string,
    options: Omit<FleetOptions, 'count'>,
    manner: Manner,
  ): Promise<WatchSite> {
    const fleet = await startFleetProcess({ ...options, count: MOST, sessions: 4 }, program)
    try {
      await fleet.setDials(NETWORK)
      await fleet.setPower({ from: 0, to: MOST }, true)
      const core = await startCore(loadConfig({ file: await writeConfig(dir, manner), env: {} }), {
        log: (level, message, data) => {
          if (level !== 'info') process.stderr.write(`${level} ${message} ${JSON.stringify(data ?? {})}\n`)
        },
        env: {},
        onLeaseLost: () =>
          process.stderr.write('the replica lost its lease: the figures of this run are void\n'),
      })
      return new WatchSite(core, fleet, await postmasterOf(core.services.tools.db), manner.everyS)
    } catch (error) {
      await fleet.stop()
      throw error
    }
  }

  async stop(): Promise<void> {
    await this.#core.stop()
    await this.#fleet.stop()
  }

  /** Measures for so many seconds, once each host has been read. */
  async watch(count: number, seconds: number): Promise<Watch> {
    await this.#addHosts(count)
    await this.#settled()
    const { db } = this.#core.services.tools
    const unknownsBefore = await this.#toldUnknown()
    const begun = {
      wall: performance.now(),
      cpu: process.cpuUsage(),
      postgres: postgresCpuMs(this.#postgres),
    }
    let oldestSeconds = 0
    let rss = 0
    let unknowns = 0
    while (performance.now() - begun.wall < seconds * 1000) {
      await pause(LOOK_EVERY_MS)
      const { states, oldest } = await powerSummary(db)
      oldestSeconds = Math.max(oldestSeconds, (oldest ?? 0) / 1000)
      unknowns = Math.max(unknowns, states.find(({ state }) => state === 'unknown')?.count ?? 0)
      rss = Math.max(rss, process.memoryUsage.rss())
    }
    const wall = (performance.now() - begun.wall) / 1000
    const { user, system } = process.cpuUsage(begun.cpu)
    return {
      count,
      cpuPercent: ((user + system) / 1e6 / wall) * 100,
      postgresPercent: ((postgresCpuMs(this.#postgres) - begun.postgres) / 1000 / wall) * 100,
      rssMib: rss / 2 ** 20,
      oldestSeconds,
      unknowns: Math.max(unknowns, (await this.#toldUnknown()) - unknownsBefore),
    }
  }

  async #addHosts(count: number): Promise<void> {
    const { db } = this.#core.services.tools
    const { seal } = this.#core.services
    const added = this.#fleet.addresses.slice(this.#hosts, count)
    const rows = added.map((address, index) => {
      const id = randomUUID()
      const number = this.#hosts + index
      const mac = `52:54:${(number + 2 ** 32).toString(16).slice(1).match(/../g)?.join(':')}`
      return {
        id,
        name: `host-${number}`,
        address: `${address}:${this.#fleet.port}`,
        mac,
        sealed: seal('bmc', id, 'secret'),
      }
    })
    await db.query(
      `insert into host (id, name, bmc_address, bmc_username, bmc_password_sealed, boot_mac, cpu_count, cpu_speed_mhz, memory_mib, architecture)
       select id, name, address, 'admin', sealed, mac, 1, 0, 1024, 'amd64'
       from jsonb_to_recordset($1) as host (id uuid, name text, address text, mac text, sealed text)`,
      [JSON.stringify(rows)],
    )
    this.#hosts = count
  }

  /** The first readings have come in, and the code that makes them is compiled. */
  async #settled(): Promise<void> {
    const { db } = this.#core.services.tools
    const until = performance.now() + 3 * this.#everyS * 1000
    for (;;) {
      await pause(2_000)
      const { states } = await powerSummary(db)
      const known = states.filter(({ state }) => state !== 'unknown')
      if (known.reduce((sum, one) => sum + one.count, 0) >= this.#hosts) break
      // more than can be done: the figures will say so
      if (performance.now() > until) break
    }
    await pause(10_000)
  }

  async #toldUnknown(): Promise<number> {
    const { rows } = await this.#core.services.tools.db.query<{ count: string }>(
      `select count(*) from event where kind = 'host.power-unknown'`,
    )
    return Number(rows[0]?.count ?? 0)
  }
}

async function writeConfig(dir: string, { everyS, keepSessions }: Manner): Promise<string> {
  await mkdir(join(dir, 'data'), { recursive: true })
  const file = join(dir, 'ferrule.yaml')
  await writeFile(
    file,
    `dataDir: ${dir}/data\nobservers: { powerEvery: ${everyS}s, keepBmcSessions: ${keepSessions} }\n`,
  )
  return file
}
