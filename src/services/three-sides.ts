import { wantedHost, wantedPort } from '../domain/drift.ts'
import { type HostSituation, writtenPorts } from '../domain/host.ts'
import type { Instance } from '../domain/instance.ts'
import type { PortSide, ThreeSides } from '../domain/three-sides.ts'
import { sidesInWords, threeSides } from '../domain/three-sides.ts'
import { cloudSights } from '../store/cloud-sights.ts'
import { hostSituations } from '../store/hosts.ts'
import { latestOperation } from '../store/operations.ts'
import { listSwitches, type SwitchRow } from '../store/racks.ts'
import { type SwitchLook, switchLooks } from '../store/switch-looks.ts'
import { networks } from './catalogue.ts'
import type { Services } from './context.ts'

/** B6: CloudStack's records × ours × what the switches carry, as the newest looks saw them. No device is asked. */
export async function sidesOf(
  services: Services,
  instances: readonly Instance[],
): Promise<Map<string, ThreeSides>> {
  if (instances.length === 0) return new Map()
  const { db } = services.tools
  const [sights, looks, switches, named] = await Promise.all([
    cloudSights(
      db,
      instances.map(({ id }) => id),
    ),
    switchLooks(db),
    listSwitches(db),
    networks(services),
  ])
  const names = new Map(named.map(({ id, name }) => [id, name]))
  const sides = instances.map(async (instance) => {
    const { hostId } = instance
    const of = hostId === null ? { instanceId: instance.id } : { hostId }
    const [[situation], operation] = await Promise.all([
      hostId === null ? [] : hostSituations(db, { id: hostId }),
      latestOperation(db, of),
    ])
    const ports = situation ? portSides(situation, instance, switches, looks) : []
    const busy =
      operation && operation.endedAt === null ? `${operation.kind} ${operation.number} changes it` : null
    const facts = { instance, networks: names, cloud: sights.get(instance.id) ?? null, ports, busy }
    return [instance.id, threeSides({ ...facts, changedAt: operation?.endedAt ?? null })] as const
  })
  return new Map(await Promise.all(sides))
}

export async function sidesOfOne(services: Services, instance: Instance): Promise<ThreeSides> {
  const sides = (await sidesOf(services, [instance])).get(instance.id)
  if (!sides) throw new Error(`nothing is known of ${instance.name}`)
  return sides
}

/** In words, for each of these instances of which one side has it otherwise. */
export async function sidesThatDiffer(
  services: Services,
  instances: readonly Instance[],
): Promise<Map<string, string[]>> {
  const sides = [...(await sidesOf(services, instances))].filter(([, { agree }]) => agree === false)
  return new Map(sides.map(([id, one]) => [id, sidesInWords(one)]))
}

function portSides(
  situation: HostSituation,
  instance: Instance,
  switches: readonly SwitchRow[],
  looks: ReadonlyMap<string, SwitchLook>,
): PortSide[] {
  const { host } = situation
  const wanted = wantedHost(situation, instance)
  return writtenPorts(host).flatMap(({ switchId, port }) => {
    const row = switches.find(({ id }) => id === switchId)
    if (row === undefined) return []
    const look = looks.get(switchId)
    const seen = look?.seen[port] ?? null
    const at = { ...row, switchId, running: seen?.running ?? null }
    return [
      {
        ...{ switch: row.address, port, seen, failure: look?.failure ?? null },
        wanted: 'unknown' in wanted ? null : wantedPort(wanted, at, host.power.state),
      },
    ]
  })
}
