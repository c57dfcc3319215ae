import { join } from 'node:path'
import { createCloudstack } from './cloudstack/cloudstack.ts'
import { VirtualRouters } from './cloudstack/routers.ts'
import { serveJson } from './control/http.ts'
import { controlRoutes } from './control/routes.ts'
import { labFacts } from './facts.ts'
import { faultTargets } from './faults/all-targets.ts'
import { closeBmcs, startBmcs } from './parts/bmcs.ts'
import { createMaasPart } from './parts/maas-part.ts'
import { startDataPlanes, startSwitches } from './parts/switches.ts'
import type { Identity } from './redfish/certificate.ts'
import {
  bmcPortFor,
  FIRST_SITE,
  freeSite,
  httpsPortFor,
  planSite,
  type SitePlan,
  sshPortFor,
} from './site.ts'
import { openStateFile, type StateFile } from './state-file.ts'
import { createFabric } from './tor/fabric.ts'
import type { LabSwitch } from './tor/lab-switch.ts'
import type { TorMake } from './tor/makes.ts'
import type { Lab, LabOptions } from './types.ts'
import { TWO_RACKS } from './world/layout.ts'
import type { BmcProtocol } from './world/types.ts'
import { createWorld } from './world/world.ts'

interface SavedLab {
  version: 1
  site: number
  seed: number
  bmcPort: number
  /** Absent in the states of labs before there was Redfish, as is `certificates`. */
  httpsPort?: number
  sshPort?: number
  /** Of the Redfish services, by machine: whoever has pinned one finds it again. */
  certificates?: Record<string, Identity>
  /** Virtual time at the snapshot. */
  now: number
  world: unknown
  maas: unknown
  routers: unknown
  /** Absent in the states of labs before there was CloudStack's API. */
  cloudstack?: unknown
  switches: Record<string, unknown>
  /** Makes of switches, by name; absent where all are Force10. */
  tors?: Record<string, TorMake>
  /** Names; absent in the states of labs that always had two. */
  racks?: string[]
}

/**
 * Starts every server of the lab. Rejects, with all of them stopped again, when an address is taken or the data folder
 * belongs to another lab.
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { seed, dataDir } = options
  let snapshot: () => unknown = () => null
  const file = dataDir === undefined ? null : openStateFile(join(dataDir, 'lab-state.json'), () => snapshot())
  const saved = savedLab(file, options)
  const fixed = saved?.site ?? options.site
  for (let from = FIRST_SITE; ; ) {
    const site = fixed ?? (await freeSite(from))
    const bmcPort = options.bmcPort ?? saved?.bmcPort ?? (await bmcPortFor(site))
    const httpsPort = options.httpsPort ?? saved?.httpsPort ?? (await httpsPortFor(site))
    const sshPort = options.sshPort ?? saved?.sshPort ?? (await sshPortFor(site))
    const racks = options.racks ?? saved?.racks
    const protocols = options.protocols ?? (isBeforeRedfish(saved) ? ipmiEverywhere(site) : undefined)
    const tors = options.tors ?? saved?.tors
    const plan = planSite({ site, seed, bmcPort, httpsPort, sshPort, racks, protocols, tors })
    const cleanup: (() => Promise<void>)[] = []
    try {
      const lab = await assemble(plan, options, saved, file, cleanup)
      snapshot = () => snapshotOf(lab)
      if (file !== null) saveOnChange(file, lab)
      return lab
    } catch (error) {
      for (const stop of cleanup.reverse()) await stop().catch(() => {})
      // Another lab that starts at this moment may have taken the site since it was found free.
      if (fixed !== undefined || !isTaken(error)) throw error
      from = site + 1
    }
  }
}

/** What a lab knew of its BMCs, in MAAS and elsewhere, stays true: in older states all of them spoke IPMI. */
function isBeforeRedfish(saved: SavedLab | undefined): boolean {
  return saved !== undefined && saved.httpsPort === undefined
}

function ipmiEverywhere(site: number): Record<string, readonly BmcProtocol[]> {
  const { machines } = planSite({ site, seed: 0, bmcPort: 0, httpsPort: 0, sshPort: 0 })
  return Object.fromEntries(machines.map(({ name }) => [name, ['ipmi'] as const]))
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

async function assemble(
  planned: SitePlan,
  {
    timeScale,
    bmcSessions,
    dataDir,
    dataPlanes: bridges = {},
    cloudstack: cloudstackOptions = {},
  }: LabOptions,
  saved: SavedLab | undefined,
  file: StateFile | null,
  cleanup: (() => Promise<void>)[],
): Promise<Lab> {
  const { site, seed, machines: layout, bmcPort } = planned
  // Everything that is restored holds virtual times, so the clock goes on from there at once.
  const startAt = saved === undefined ? {} : { startAt: saved.now }
  const world = createWorld({
    seed,
    scale: timeScale,
    site,
    bmcPort,
    layout,
    ...startAt,
  })
  cleanup.push(() => world.stop())
  const switches = await startSwitches(planned, world, () => fabric, saved?.switches ?? {})
  cleanup.push(() => stopAll(switches))
  const plan = withFingerprints(planned, switches)
  const fabric = createFabric([...switches.values()])
  const bmcs = await startBmcs(world, { sessions: bmcSessions, certificates: saved?.certificates ?? {} })
  cleanup.push(() => closeBmcs(bmcs))
  const maas = createMaasPart({ plan, world, fabric, saved: saved?.maas })
  cleanup.push(() => maas.stop())
  const routers = new VirtualRouters(world.dhcpServers, () => world.clock.now())
  if (saved !== undefined) {
    routers.restore(saved.routers)
    for (const [name, state] of Object.entries(saved.switches)) switches.get(name)?.restore(state)
    world.restore(saved.world)
  }
  const dataPlanes = await startDataPlanes(switches, bridges)
  world.connect({ fabric, bootServer: maas.bootServer })
  await maas.open()
  const cloudstack = createCloudstack({
    plan,
    world,
    routers,
    options: cloudstackOptions,
    dataDir,
    saved: saved?.cloudstack,
  })
  cleanup.push(() => cloudstack.stop())
  await cloudstack.open()

  const faults = faultTargets({ world, bmcs, switches, maas, cloudstack })
  const lab: Lab = {
    plan,
    world,
    fabric,
    bmcs,
    switches,
    dataPlanes,
    maas,
    routers,
    cloudstack,
    faults,
    facts: () => labFacts(plan, world.clock.scale, maas, cloudstack, bmcs),
    maasStatus: (machine) => maas.statusOf(machine),
    async stop() {
      await control.stop()
      await cloudstack.stop()
      await stopAll(switches)
      // The state is written while the rest still runs, because stopping cuts the machines' power and MAAS's work,
      // which a restart is to continue.
      await file?.close()
      // Before the BMCs: MAAS ends when its questions to them are answered.
      await maas.stop()
      await closeBmcs(bmcs)
      await world.stop()
    },
  }
  const control = await serveJson(controlRoutes(lab), plan.control.address, plan.control.port)
  cleanup.push(() => control.stop())

  return lab
}

function snapshotOf({ plan, world, maas, routers, cloudstack, switches, bmcs }: Lab): SavedLab {
  return {
    version: 1,
    site: plan.site,
    seed: plan.seed,
    bmcPort: plan.bmcPort,
    httpsPort: plan.httpsPort,
    sshPort: plan.sshPort,
    certificates: Object.fromEntries([...bmcs.redfish].map(([name, { identity }]) => [name, identity])),
    now: world.clock.now(),
    world: world.snapshot(),
    maas: maas.snapshot(),
    routers: routers.snapshot(),
    cloudstack: cloudstack.snapshot(),
    switches: Object.fromEntries([...switches].map(([name, one]) => [name, one.snapshot()])),
    tors: makesOf(plan),
    racks: racksOf(plan),
  }
}

function savedLab(file: StateFile | null, options: LabOptions): SavedLab | undefined {
  if (file?.found === undefined) return undefined
  const saved = file.found as SavedLab
  if (saved.version !== 1) throw new Error('the data folder holds the state of another version of the lab')
  const { site, seed } = saved
  if (seed !== options.seed || (options.site ?? site) !== site) {
    throw new Error(
      `the data folder holds a lab of site ${site} and seed ${seed}: ask for these, or use another folder`,
    )
  }
  if (options.tors !== undefined && !sameMakes(options.tors, saved.tors ?? {})) {
    throw new Error(
      `the data folder holds a lab whose switches are ${JSON.stringify(saved.tors ?? {})}: ask for these, or use another folder`,
    )
  }
  const racks = saved.racks ?? TWO_RACKS
  if (options.racks !== undefined && options.racks.join() !== racks.join()) {
    throw new Error(
      `the data folder holds a lab of the racks ${racks.join(', ')}: ask for these, or use another folder`,
    )
  }
  return saved
}

function racksOf({ switches }: SitePlan): string[] {
  return [...new Set(switches.map(({ rack }) => rack))]
}

/** Of the switches that are not Force10. */
function makesOf({ switches }: SitePlan): Record<string, TorMake> {
  return Object.fromEntries(
    switches.filter(({ make }) => make !== 'force10').map(({ name, make }) => [name, make]),
  )
}

function sameMakes(asked: Readonly<Record<string, TorMake>>, saved: Record<string, TorMake>): boolean {
  const names = new Set([...Object.keys(asked), ...Object.keys(saved)])
  return [...names].every((name) => (asked[name] ?? 'force10') === (saved[name] ?? 'force10'))
}

/** They are known when the switches run. */
function withFingerprints(plan: SitePlan, running: ReadonlyMap<string, LabSwitch>): SitePlan {
  const switches = plan.switches.map((one) => ({
    ...one,
    fingerprint: running.get(one.name)?.fingerprint ?? null,
  }))
  return { ...plan, switches }
}

function saveOnChange(
  file: StateFile,
  {
    world,
    switches,
    routers,
    maas,
    cloudstack,
  }: Pick<Lab, 'world' | 'switches' | 'routers' | 'maas' | 'cloudstack'>,
): void {
  const touch = () => file.touch()
  world.onSighting(touch)
  routers.onChange(touch)
  maas.onChange(touch)
  cloudstack.onChange(touch)
  for (const one of switches.values()) one.onEdit(touch)
  touch()
}

async function stopAll(switches: ReadonlyMap<string, LabSwitch>): Promise<void> {
  await Promise.all([...switches.values()].map((server) => server.stop()))
}
