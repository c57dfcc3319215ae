import type { FastifyInstance } from 'fastify'
import type pg from 'pg'
import { createApi } from '../../src/api/server.ts'
import { createConsoles } from '../../src/console/rooms.ts'
import type { FerruleError } from '../../src/domain/errors.ts'
import { switchDrivers } from '../../src/drivers/switch/registry.ts'
import { createPool } from '../../src/postgres/pool.ts'
import { hashToken, newToken } from '../../src/secrets/tokens.ts'
import type { Services } from '../../src/services/context.ts'
import { openDatabase, SEARCH_PATH } from '../../src/store/database.ts'
import { migrate } from '../../src/store/migrate.ts'
import { insertToken } from '../../src/store/tokens.ts'
import type { Log } from '../../src/telemetry/log.ts'
import { fileless } from './fileless.ts'
import { createDatabase } from './shared-postgres.ts'

/** The API on a real PostgreSQL, without devices: whatever would reach for one throws. */
export interface ApiFixture {
  api: FastifyInstance
  pool: pg.Pool
  services: Services
  tokens: Record<'admin' | 'reader' | 'cloudstack', string>
  /** What was logged. */
  logged: { message: string; data: Record<string, unknown> }[]
  /** Another server on the same database. */
  another(recovery: FerruleError | null): Promise<FastifyInstance>
  stop(): Promise<void>
}

export async function startApi(): Promise<ApiFixture> {
  const database = await createDatabase()
  const pool = createPool(database.url, { max: 10, searchPath: SEARCH_PATH })
  await migrate(pool)
  const services = deviceless(pool)
  const logged: ApiFixture['logged'] = []
  const log: Log = (_level, message, data) => logged.push({ message, data: data ?? {} })
  const another = (recovery: FerruleError | null) =>
    createApi({
      services,
      consoles: createConsoles(services, { url: null, log }),
      database: pool,
      log,
      version: '0.0.0-test',
      hashToken,
      mode: { refusal: () => recovery, look: async () => undefined },
      settings: () => ({ installation: 'test' }),
      provider: fileless(),
      meters: { text: async () => '' },
    })
  const api = await another(null)
  return {
    api,
    pool,
    services,
    logged,
    another,
    tokens: {
      admin: await issue(pool, 'admin'),
      reader: await issue(pool, 'reader'),
      cloudstack: await issue(pool, 'cloudstack'),
    },
    async stop() {
      await api.close()
      await pool.end()
      await database.drop()
    },
  }
}

async function issue(pool: pg.Pool, role: 'admin' | 'reader' | 'cloudstack'): Promise<string> {
  const { token, hash } = newToken()
  await insertToken(openDatabase(pool), { name: `the-${role}`, role, hash })
  return token
}

function deviceless(pool: pg.Pool): Services {
  const noDevice = (name: string) => async () => {
    throw new Error(`this test must not reach ${name}`)
  }
  const maas = new Proxy({} as Services['tools']['maas'], {
    get: (_target, call) => noDevice(`MAAS (${String(call)})`),
  })
  return {
    tools: {
      db: openDatabase(pool),
      executor: 'test',
      installation: { name: 'test' },
      maas,
      bmc: noDevice('a BMC'),
      bmcSecrets: noDevice('a BMC password'),
      tenantData: async () => null,
      openSwitch: noDevice('a switch'),
      switchHealth: () => null,
      createsLags: () => false,
      starter: { start: async () => undefined, wake: async () => undefined },
      // no workflow runs here, so that nothing asks for times
      policy: new Proxy({} as Services['tools']['policy'], {}),
      now: Date.now,
      sleep: async () => undefined,
      leaseSignal: new AbortController().signal,
      newId: () => crypto.randomUUID(),
    },
    settings: {
      enabled: true,
      pxeVlan: 10,
      quarantineVlan: 999,
      vlanRange: { from: 100, to: 899 },
      uplinks: {},
      erase: 'full',
      stopPorts: 'park',
      match: 'equal',
      bondMode: 'active-backup',
      bmcProtocol: 'auto',
      imageAliases: {},
      macPolicy: 'cloudstack',
      reservationTtl: 1000,
      replicaLeaseMs: 10_000,
      powerFresh: 90_000,
    },
    seal: (_purpose, _id, secret) => `sealed:${secret.length}`,
    unseal: () => '',
    switchTypes: () => [...switchDrivers.values()],
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  }
}
