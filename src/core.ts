import { randomBytes, randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { availableParallelism } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { bmcAccess, switchAccess } from './access.ts'
import { createCloudstackClient } from './cloudstack/client/client.ts'
import { HostKeeper } from './cloudstack/hosts/keeper.ts'
import { RackKeeper } from './cloudstack/racks/keeper.ts'
import { CloudstackReconciler } from './cloudstack/reconciler.ts'
import type { Config } from './config/config.ts'
import { readSecret } from './config/secrets-ref.ts'
import { FerruleError } from './domain/errors.ts'
import { type BmcRegistry, createBmcRegistry } from './drivers/bmc/registry.ts'
import { switchDrivers } from './drivers/switch/registry.ts'
import { createMaas } from './maas/client.ts'
import { parseMaasSettings } from './maas/settings.ts'
import type { Maas } from './maas/types.ts'
import { PortObserver } from './observers/ports.ts'
import { PowerObserver } from './observers/power.ts'
import { startPostgres } from './postgres/launcher.ts'
import { createPool } from './postgres/pool.ts'
import { SagaEngine } from './saga/engine.ts'
import type { Interference } from './saga/types.ts'
import { open as openEnvelope, seal as sealEnvelope } from './secrets/envelope.ts'
import { loadMasterKey } from './secrets/master-key.ts'
import type { Services } from './services/context.ts'
import { RecoveryMode } from './services/recovery-mode.ts'
import { tenantDataAccess } from './services/tenant-data.ts'
import { createBmcSessions } from './store/bmc-sessions.ts'
import { type Database, openDatabase, SEARCH_PATH } from './store/database.ts'
import { setBmcFound } from './store/host-bmc.ts'
import { createJournal } from './store/journal.ts'
import { migrate } from './store/migrate.ts'
import { createPersonDesk } from './store/person.ts'
import { createReplicas } from './store/replicas.ts'
import type { Log } from './telemetry/log.ts'
import { createPowerMeters, type PowerMeters } from './telemetry/power-meters.ts'
import { sagas } from './workflows/catalogue.ts'
import type { Policy, Tools } from './workflows/tools.ts'

/**
 * Connections to the database, the engine's as many again: four for each processor. More of them answer nothing sooner,
 * for each is a process of PostgreSQL with plans and caches of its own, and they push each other out of the processor's.
 */
const MOST_CONNECTIONS = Math.min(30, Math.max(8, 4 * availableParallelism()))

/** One replica without its doors: records, engine, observers, and the services that the doors call. */
export interface Core {
  services: Services
  pool: pg.Pool
  /** Whether anything is run, and why not. */
  mode: RecoveryMode
  /** What this process has counted. */
  meters: PowerMeters
  /** CloudStack said that something may have changed; nothing of it is believed. */
  cloudHint(): void
  stop(): Promise<void>
}

export interface CoreOptions {
  log: Log
  env: NodeJS.ProcessEnv
  /** The replica's lease is gone: nothing may be written to any device any more. */
  onLeaseLost: () => void
  /** Begin in recovery mode, whatever speaks for it. */
  recover?: boolean
  /** For tests only: fail, repeat or kill at any step. */
  interference?: Interference
}

/** The only place that constructs drivers, clients and the engine. */
export async function startCore(config: Config, options: CoreOptions): Promise<Core> {
  const { log, env } = options
  const stops: (() => Promise<void>)[] = []
  let mode: RecoveryMode | undefined
  const stopAll = async () => {
    // first, so that nothing is begun while the rest ends
    await mode?.stop()
    for (const stop of stops.reverse())
      await stop().catch((error: unknown) => log('warn', 'stopping was not clean', { error: String(error) }))
  }
  try {
    const databaseUrl = config.database.url
      ? readSecret(config.database.url, env)
      : await bundledPostgres(config, log, stops)
    const pool = createPool(databaseUrl, { max: MOST_CONNECTIONS, searchPath: SEARCH_PATH })
    const enginePool = createPool(databaseUrl, { max: MOST_CONNECTIONS })
    stops.push(async () => {
      await Promise.all([pool.end(), enginePool.end()])
    })
    await migrate(pool)
    const db = openDatabase(pool)

    const masterKey = loadMasterKey({ ref: config.masterKey, dataDir: config.dataDir, env })
    const seal: Services['seal'] = (purpose, id, secret) => sealEnvelope(secret, { purpose, id }, masterKey)
    const unseal: Services['unseal'] = (purpose, id, sealed) =>
      openEnvelope(sealed, { purpose, id }, masterKey)
    const executor = randomUUID()
    const maas = maasOf(config, env)
    const registry = bmcRegistryOf(config, db, maas, executor)
    stops.push(() => registry.close())
    const bmcs = bmcAccess(db, registry, unseal)
    const switches = switchAccess(db, unseal, config.timeScale > 1)
    stops.push(() => switches.close())

    const leaseLost = new AbortController()
    // every request of every operation listens to it
    setMaxListeners(0, leaseLost.signal)
    const tools: Omit<Tools, 'starter'> = {
      db,
      executor,
      installation: { name: config.installation },
      maas,
      bmc: bmcs.open,
      bmcSecrets: bmcs.secrets,
      tenantData: tenantDataAccess(db, unseal),
      openSwitch: switches.open,
      switchHealth: switches.health,
      createsLags: (type) => switchDrivers.get(type.toLowerCase())?.createsLags === true,
      policy: policyOf(config),
      now: Date.now,
      sleep: (ms) => pause(ms),
      leaseSignal: leaseLost.signal,
      newId: randomUUID,
    }
    const starterSlot: { engine?: SagaEngine<Tools> } = {}
    const allTools: Tools = {
      ...tools,
      starter: {
        start: (client, id, ref, record) => engineOf(starterSlot).start(client, id, ref, record),
        wake: (id, wake) => engineOf(starterSlot).wake(id, wake),
      },
    }
    const engine = new SagaEngine<Tools>({
      databaseUrl,
      pool: enginePool,
      executor,
      sagas,
      runtime: {
        tools: allTools,
        journal: createJournal(db),
        now: Date.now,
        pace: paceOf(config),
        ...(options.interference ? { interference: options.interference } : {}),
      },
      replicas: createReplicas(db),
      leaseMs: config.replica.lease,
      concurrency: 200,
      pollMs: config.timeScale > 1 ? 50 : 250,
      onLeaseLost: () => {
        leaseLost.abort(
          new FerruleError(
            'lease-lost',
            'this replica lost its lease',
            'Nothing to do: another replica goes on.',
          ),
        )
        options.onLeaseLost()
      },
      log,
    })
    starterSlot.engine = engine
    const services = servicesOf(config, allTools, seal, unseal)
    const meters = createPowerMeters()
    const cloudstack = reconcilerOf(config, services, log, env)
    mode = new RecoveryMode(services, {
      launch: async () => {
        await engine.launch()
        stops.push(() => engine.shutdown(5_000))
        const { powerEvery, powerAtOnce, powerPerSubnet, keepBmcSessions } = config.observers
        const power = new PowerObserver(services, {
          everyMs: powerEvery,
          concurrency: powerAtOnce,
          perSubnet: powerPerSubnet,
          keepSessions: keepBmcSessions,
          meters,
          log,
        })
        power.start()
        stops.push(() => power.stop())
        const { portsEvery, portDrift, portDriftOf } = config.observers
        const ports = new PortObserver(services, {
          everyMs: portsEvery,
          policy: (address) => portDriftOf[address] ?? portDrift,
          random: Math.random,
          log,
        })
        ports.start()
        stops.push(() => ports.stop())
        if (cloudstack !== null) {
          cloudstack.start()
          stops.push(() => cloudstack.stop())
        }
      },
      lookEveryMs: config.poll.maas,
      askedFor: options.recover ?? false,
      onFailure: (error) => {
        log('error', 'the work could not be begun: the process is to be started again', {
          error: String(error),
        })
        options.onLeaseLost()
      },
      log,
    })
    await mode.begin()
    return { services, pool, mode, meters, cloudHint: () => cloudstack?.hint(), stop: stopAll }
  } catch (error) {
    await stopAll()
    throw error
  }
}

function engineOf(slot: { engine?: SagaEngine<Tools> }): SagaEngine<Tools> {
  if (!slot.engine) throw new Error('the saga engine is not there yet')
  return slot.engine
}

async function bundledPostgres(config: Config, log: Log, stops: (() => Promise<void>)[]): Promise<string> {
  const postgres = await startPostgres({
    dataDir: config.dataDir,
    log: (message, fields) => log('info', message, fields),
  })
  stops.push(() => postgres.stop())
  return postgres.url
}

function bmcRegistryOf(config: Config, db: Database, maas: Maas, executor: string): BmcRegistry {
  const inLab = config.timeScale > 1
  return createBmcRegistry({
    ipmi: inLab ? { sessionLingerMs: 2000, requestTimeoutMs: 1500, consoleKeepAliveMs: 1000 } : {},
    redfish: {
      keepAlive: config.redfish.keepAlive,
      sessionLingerMs: config.redfish.sessionLinger,
      sessions: createBmcSessions(db, executor, config.replica.lease),
      ...(inLab ? { secondMs: Math.max(5, 1000 / config.timeScale) } : {}),
    },
    maas,
    person: {
      desk: createPersonDesk(db),
      waitMs: config.deadlines.person,
      wordMs: config.deadlines.personWord,
      pollMs: 250,
      now: Date.now,
      sleep: (ms) => pause(ms),
    },
    remember: (hostId, found) => setBmcFound(db, hostId, found),
    probeMs: 1500,
  })
}

/** Without MAAS settings the daemon still runs, for its records; every call to MAAS says what is missing. */
function maasOf(config: Config, env: NodeJS.ProcessEnv): Maas {
  const missing = () => {
    throw new FerruleError(
      'not-enabled',
      'no MAAS is configured',
      'Set maas.url and maas.key, or external.baremetal.system.url, and restart.',
    )
  }
  if (config.maas)
    return createMaas({
      url: config.maas.url,
      key: readSecret(config.maas.key, env),
      ...(config.timeScale > 1 ? { timeouts: { pauses: [20, 100] } } : {}),
    })
  if (config.settings.systemUrl) return createMaas(parseMaasSettings(config.settings.systemUrl))
  return new Proxy({ url: '' } as Maas, { get: () => missing })
}

/** Without its API Ferrule knows of CloudStack what the extension hears, and no more. */
function reconcilerOf(
  { cloudstack: { api, hosts, racks } }: Config,
  services: Services,
  log: Log,
  env: NodeJS.ProcessEnv,
): CloudstackReconciler | null {
  if (api === undefined) return null
  const client = createCloudstackClient({
    url: api.url,
    apiKey: readSecret(api.key, env),
    secretKey: readSecret(api.secret, env),
    now: Date.now,
    sleep: (ms) => pause(ms),
  })
  const { act, bmcNetworks, passwords, passwordEnv, oldUsername } = hosts
  return new CloudstackReconciler(services, {
    ...{ client, log, everyMs: api.every, extension: api.extension },
    hosts: new HostKeeper(services, {
      ...{ act, bmcNetworks, passwords: { folder: passwords ?? null, env: passwordEnv }, oldUsername, env },
    }),
    racks: racks ? new RackKeeper(services, racks) : null,
  })
}

function policyOf(config: Config): Policy {
  return {
    erase: config.erase.policy,
    stopPorts: config.stop.ports,
    efi: config.boot.efi,
    leaseMs: config.replica.lease,
    deadlines: config.deadlines,
    poll: config.poll,
  }
}

/** Pauses between attempts: scaled with the lab's time, but never so short that they burn a core. */
function paceOf(config: Config) {
  const scaled = (ms: number) => Math.max(20, ms / config.timeScale)
  return { retryBase: scaled(2_000), retryCap: scaled(300_000), forwardAttempts: 4, parkAfter: 4 }
}

function servicesOf(
  config: Config,
  tools: Tools,
  seal: Services['seal'],
  unseal: Services['unseal'],
): Services {
  const network = config.network ?? {
    pxeVlan: 10,
    quarantineVlan: 999,
    vlanRange: { from: 100, to: 899 },
    uplinks: {},
  }
  return {
    tools,
    seal,
    unseal,
    random: (bytes) => randomBytes(bytes),
    switchTypes: () => [...switchDrivers.values()],
    settings: {
      enabled: config.enabled,
      pxeVlan: network.pxeVlan,
      quarantineVlan: network.quarantineVlan,
      vlanRange: network.vlanRange,
      uplinks: network.uplinks,
      erase: config.erase.policy,
      stopPorts: config.stop.ports,
      match: config.planner.match,
      bondMode: config.bond.mode,
      bmcProtocol: config.hosts.bmcProtocol,
      imageAliases: { centos7: 'centos/centos70', ...config.images.aliases },
      macPolicy: config.cloudstack.macPolicy,
      reservationTtl: Math.max(30_000, 1_800_000 / config.timeScale),
      replicaLeaseMs: config.replica.lease,
      // as old as an ordinary reading may get, and never older than CloudStack's own news
      powerFresh: Math.min(config.observers.powerEvery * 1.5, 90_000 / config.timeScale),
    },
  }
}
