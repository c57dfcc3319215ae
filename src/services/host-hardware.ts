import { FerruleError } from '../domain/errors.ts'
import { hardwareDifferences } from '../domain/hardware.ts'
import type { Host } from '../domain/host.ts'
import { insertEvent } from '../store/events.ts'
import type { Caller, Services } from './context.ts'
import { findHost } from './hosts.ts'

/** As the workflows' tools have it: services know no driver. */
type Bmc = Awaited<ReturnType<Services['tools']['bmc']>>
type BmcInventory = Awaited<ReturnType<NonNullable<Bmc['inventory']>['inventory']>>
type SensorReading = Awaited<ReturnType<NonNullable<Bmc['sensors']>['sensors']>>[number]
type BmcLogEntry = Awaited<ReturnType<NonNullable<Bmc['eventLog']>['eventLog']>>[number]

export interface HostInventory {
  /** As the BMC tells it. */
  bmc: BmcInventory
  /** What was found on the machine itself at its commissioning; null: MAAS does not know it, or does not answer. */
  maas: { serial: string | null; uuid: string | null } | null
  /** Where the two cannot both be true. */
  differences: string[]
}

/** What the BMC knows of its machine, beside what MAAS and our record say. Read now, not stored. */
export async function hostInventory(services: Services, key: string): Promise<HostInventory> {
  const { host } = await findHost(services, key)
  const reader = concern(host, await services.tools.bmc(host), 'inventory')
  const [bmc, machine] = await Promise.all([reader.inventory(), identityInMaas(services, host)])
  const { maas, note } = machine
  return {
    bmc: note === null ? bmc : { ...bmc, notes: [...(bmc.notes ?? []), note] },
    maas,
    differences: hardwareDifferences(bmc, {
      serial: maas?.serial ?? null,
      uuid: maas?.uuid ?? null,
      disks: host.disks,
    }),
  }
}

/** A MAAS that does not answer must not hide what the BMC says. */
async function identityInMaas(
  { tools }: Services,
  host: Host,
): Promise<{ maas: HostInventory['maas']; note: string | null }> {
  if (host.systemId === null) return { maas: null, note: null }
  try {
    return { maas: (await tools.maas.machine(host.systemId)).hardware, note: null }
  } catch (error) {
    if (!(error instanceof FerruleError)) throw error
    return { maas: null, note: `not compared with MAAS: ${error.message}` }
  }
}

export async function hostSensors(services: Services, key: string): Promise<SensorReading[]> {
  const { host } = await findHost(services, key)
  return concern(host, await services.tools.bmc(host), 'sensors').sensors()
}

/** The newest `limit` entries of the BMC's own log, oldest first. */
export async function hostEventLog(services: Services, key: string, limit: number): Promise<BmcLogEntry[]> {
  const { host } = await findHost(services, key)
  return concern(host, await services.tools.bmc(host), 'eventLog').eventLog({ limit })
}

/** For so many seconds, at most 255; `forever` until it is switched off, 0: off. Recorded with who asked, and for which instance. */
export async function identifyHost(
  services: Services,
  caller: Caller,
  key: string,
  seconds: number | 'forever',
  instance?: { id: string; name: string },
): Promise<void> {
  const { host } = await findHost(services, key)
  await concern(host, await services.tools.bmc(host), 'identifyLight').identify(seconds)
  const how =
    seconds === 0 ? 'off' : seconds === 'forever' ? 'on, until it is switched off' : `on for ${seconds} s`
  await insertEvent(services.tools.db, {
    kind: 'host.identify',
    hostId: host.id,
    ...(instance ? { instanceId: instance.id } : {}),
    message: `${caller.name} switched the identify light of ${host.name} ${how}${instance ? `, for ${instance.name}` : ''}`,
    data: { seconds, by: caller.name },
  })
}

type Concern = 'inventory' | 'sensors' | 'eventLog' | 'identifyLight'

const words: Record<Concern, { what: string; instead: string }> = {
  inventory: { what: 'inventory', instead: 'MAAS shows what commissioning found on the machine' },
  sensors: { what: 'sensors', instead: 'read them where the machine stands, or in its own system' },
  eventLog: { what: 'event log', instead: 'read it where the machine stands' },
  identifyLight: { what: 'identify light', instead: 'find the machine by its label' },
}

function concern<C extends Concern>(host: Host, bmc: Bmc, name: C): NonNullable<Bmc[C]> {
  const found = bmc[name]
  if (found) return found
  const { what, instead } = words[name]
  const { protocol } = host.bmc
  throw new FerruleError(
    'bmc-unsupported',
    `the ${what} of ${host.name} cannot be reached over protocol ${protocol}`,
    `Give the host protocol ipmi or redfish, if it has such a BMC ("ferrule host set-bmc ${host.name}"); else ${instead}.`,
    { host: host.name, protocol },
  )
}
