import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { SitePlan } from '../site.ts'
import { CLOUDSTACK_VLANS } from '../site.ts'
import { createChance } from '../world/chance.ts'
import type { World } from '../world/types.ts'
import type { Keys } from './api/signature.ts'
import type { CloudstackDials } from './dials.ts'
import { cloudstackDials } from './dials.ts'
import { firstState } from './first-state.ts'
import { type ManagementServer, type ServerParts, startManagementServer } from './management-server.ts'
import { type ExtensionProgram, ExtensionPrograms } from './orchestrator/programs.ts'
import type { VirtualRouters } from './routers.ts'
import type { CloudState } from './state.ts'

/** CloudStack as the rest of the lab has it. */
export interface CloudstackPart {
  readonly url: string
  readonly keys: Keys
  readonly dials: CloudstackDials
  /** Only for tests and control: the database. */
  readonly state: CloudState
  open(): Promise<void>
  /** kill -9 of the management server, and a new one on the same database. */
  restart(): Promise<void>
  /** Kills the extension processes that are under way; how many. */
  killExtensions(): number
  onChange(listener: () => void): void
  snapshot(): unknown
  stop(): Promise<void>
}

export interface CloudstackOptions {
  /** The program in its folder of extensions; none: no extension is ready. */
  extension?: ExtensionProgram | undefined
}

interface Parts {
  plan: Pick<SitePlan, 'site' | 'seed' | 'cloudstack'>
  world: Pick<World, 'clock'>
  routers: VirtualRouters
  options: CloudstackOptions
  dataDir: string | undefined
  /** A snapshot to go on from; undefined: a fresh zone. */
  saved: unknown
}

export function createCloudstack({ plan, world, routers, options, dataDir, saved }: Parts): CloudstackPart {
  let changed = () => {}
  const ids = { count: 0 }
  const idOf = (number: number) => uuidOf(`${plan.seed} ${plan.site} cloudstack ${number}`)
  const newId = () => {
    ids.count += 1
    return idOf(ids.count)
  }
  const given = new Set<string>()
  const isId = (text: string) => {
    while (given.size < ids.count) given.add(idOf(given.size + 1))
    return given.has(text)
  }
  // A lab's own snapshot: its shape is known by the version of the state file.
  const state = (saved as CloudState | undefined) ?? firstState(newId, CLOUDSTACK_VLANS)
  ids.count = Math.max(ids.count, state.ids)
  const dials = cloudstackDials(world.clock.scale)
  const programs = new ExtensionPrograms(
    options.extension,
    dataDir === undefined ? undefined : join(dataDir, 'cloudstack'),
  )
  const { address, port } = plan.cloudstack
  const parts: ServerParts = {
    state,
    keys: keysFor(plan),
    address,
    port,
    routers,
    programs,
    dials,
    clock: world.clock,
    chance: createChance(plan.seed, 'cloudstack'),
    newId,
    isId,
    touch: () => changed(),
  }
  let server: ManagementServer | null = null
  return {
    get url() {
      return server?.url ?? `http://${address}:${port}/client/api`
    },
    keys: parts.keys,
    dials,
    state,
    async open() {
      server = await startManagementServer(parts)
    },
    async restart() {
      await server?.kill()
      server = await startManagementServer(parts)
    },
    killExtensions: () => programs.kill(),
    onChange(listener) {
      changed = listener
    },
    snapshot: () => ({ ...state, ids: ids.count }),
    async stop() {
      await server?.kill()
      server = null
      await programs.close()
    },
  }
}

/** As CloudStack's: 64 bytes in base64 for URLs. They follow from seed and site, as the lab's other passwords do. */
function keysFor({ seed, site }: Parts['plan']): Keys {
  const key = (of: string) =>
    createHash('sha512').update(`${seed} ${site} cloudstack ${of}`).digest('base64url')
  return { apiKey: key('api'), secretKey: key('secret') }
}

/** A UUID (version 4 in form) that follows from `text`. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
