import { type CableCheck, checkCables, isLie } from '../domain/cable-truth.ts'
import { type Discovery, discoverRacks } from '../domain/rack-discovery.ts'
import { type CableRow, listCables, listSwitches } from '../store/racks.ts'
import { forgetMendedCables } from '../workflows/cable-marks.ts'
import {
  type Hear,
  type KnownSwitch,
  knownSwitches,
  neighboursOf,
  physicalNics,
  portName,
  seenNics,
} from '../workflows/cables.ts'
import { type LearnedPlaces, learnedPlaces, type SilentSwitch } from '../workflows/learned-cables.ts'
import { sideBySide } from '../workflows/side-by-side.ts'
import type { Services } from './context.ts'
import { requireEnabled } from './enabled.ts'
import { type RackView, rackView, rackViews } from './racks.ts'

export interface RackCables {
  rack: string
  /** No cable was seen elsewhere than its rack file says. */
  well: boolean
  cables: CableCheck[]
  /** What switches did not tell, with the reason. Without either of both LLDP of the machines alone is a witness there. */
  silent: SilentSwitch[]
}

/**
 * Which cables of a rack are where its file says. Of devices it reads only: MAAS, and what the rack's switches have
 * learned. A host that was marked for a cable which is seen in its place now is not marked any more.
 */
export async function rackCables(services: Services, name: string): Promise<RackCables> {
  // before anything else is begun: without MAAS its client refuses at once, and leaves the rest to nobody
  requireEnabled(services)
  const rack = await rackView(services, name)
  const { tools } = services
  const ours = new Set(rack.switches.map(({ id }) => id))
  const all = await listCables(tools.db)
  const cables = all.filter(({ switchId }) => ours.has(switchId))
  const learned = await learnedPlaces(tools, cables, all)
  const [found] = await checkRacks(services, [rack], hearFrom(services), learned)
  if (found) await forgetMendedCables(tools.db, found.cables)
  return found ?? { rack: name, well: true, cables: [], silent: learned.silent }
}

/** Of every rack, by one reading of MAAS. No switch is asked. */
export async function allCables(services: Services, hear: Hear): Promise<RackCables[]> {
  requireEnabled(services)
  return checkRacks(services, await rackViews(services), hear)
}

export function hearFrom({ tools }: Services): Hear {
  return ({ systemId }) => neighboursOf(tools, systemId)
}

async function checkRacks(
  { tools }: Services,
  racks: readonly Pick<RackView, 'name' | 'switches'>[],
  hear: Hear,
  learned: LearnedPlaces = { places: new Map(), silent: [] },
): Promise<RackCables[]> {
  const [switches, cables, machines] = await Promise.all([
    knownSwitches(tools),
    listCables(tools.db),
    tools.maas.machines(),
  ])
  const byMac = new Map(cables.map((cable) => [cable.mac, cable]))
  const seen = await sideBySide(machines, async (machine) =>
    seenNics(machine.hostname, physicalNics(machine, byMac), await hear(machine), switches),
  )
  return racks.map(({ name, switches: own }) => {
    const ours = new Set(own.map(({ id }) => id))
    const elsewhere = cables.filter(({ switchId }) => !ours.has(switchId))
    const checks = checkCables(
      cables.filter(({ switchId }) => ours.has(switchId)).map((cable) => toPlace(cable, switches)),
      seen.flat(),
      new Set(elsewhere.map(({ mac }) => mac)),
      learned.places,
    )
    return { rack: name, well: !checks.some(isLie), cables: checks, silent: learned.silent }
  })
}

function toPlace({ mac, switchId, ...cable }: CableRow, switches: readonly KnownSwitch[]) {
  const known = switches.find(({ id }) => id === switchId)
  const port = cable.member ?? cable.port
  return { mac, switch: switchId, port: known ? portName(known, port) : port }
}

/** A rack file of every cable that the machines in MAAS heard at their last commissioning. */
export async function discoverCables(services: Services): Promise<Discovery> {
  const { tools } = services
  const [switches, machines] = await Promise.all([listSwitches(tools.db), tools.maas.machines()])
  const heard = await sideBySide(machines, async (machine) => {
    const neighbours = await neighboursOf(tools, machine.systemId)
    return physicalNics(machine, new Map()).map(({ name, mac }) => ({
      machine: machine.hostname,
      nic: name,
      mac,
      neighbour: neighbours.get(name) ?? null,
    }))
  })
  return discoverRacks(
    heard.flat(),
    switches.map(({ address, username, type }) => ({
      ip: address,
      address: address.replace(/:\d+$/, ''),
      username,
      type,
    })),
  )
}
