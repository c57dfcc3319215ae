import { type CableCheck, checkCables, isLie } from '../domain/cable-truth.ts'
import { type Discovery, discoverRacks } from '../domain/rack-discovery.ts'
import { listCables, listSwitches } from '../store/racks.ts'
import {
  type KnownSwitch,
  knownSwitches,
  neighboursOf,
  physicalNics,
  portName,
  seenNics,
} from '../workflows/cables.ts'
import { sideBySide } from '../workflows/side-by-side.ts'
import type { Services } from './context.ts'
import { requireEnabled } from './enabled.ts'
import { rackView } from './racks.ts'

export interface RackCables {
  rack: string
  /** No cable was seen elsewhere than its rack file says. */
  well: boolean
  cables: CableCheck[]
}

/**
 * Which cables of a rack are where its file says: what each machine's LLDP heard at its last commissioning, as MAAS keeps
 * it. Reads only; no switch is asked.
 */
export async function rackCables(services: Services, name: string): Promise<RackCables> {
  // before anything else is begun: without MAAS its client refuses at once, and leaves the rest to nobody
  requireEnabled(services)
  const { tools } = services
  const rack = await rackView(services, name)
  const [switches, cables, machines] = await Promise.all([
    knownSwitches(tools),
    listCables(tools.db),
    tools.maas.machines(),
  ])
  const ours = new Set(rack.switches.map((one) => one.id))
  const [declared, others] = [
    cables.filter((cable) => ours.has(cable.switchId)),
    cables.filter((cable) => !ours.has(cable.switchId)),
  ]
  const seen = await sideBySide(machines, (machine) =>
    seenNics(
      tools,
      { systemId: machine.systemId, name: machine.hostname },
      physicalNics(machine, cables),
      switches,
    ),
  )
  const checks = checkCables(
    declared.map(({ mac, switchId, port }) => ({
      mac,
      switch: switchId,
      port: named(switches, switchId, port),
    })),
    seen.flat(),
    new Set(others.map(({ mac }) => mac)),
  )
  return { rack: rack.name, well: !checks.some(isLie), cables: checks }
}

/** A rack file of every cable that the machines in MAAS heard at their last commissioning. */
export async function discoverCables(services: Services): Promise<Discovery> {
  const { tools } = services
  const [switches, machines] = await Promise.all([listSwitches(tools.db), tools.maas.machines()])
  const heard = await sideBySide(machines, async (machine) => {
    const neighbours = await neighboursOf(tools, machine.systemId)
    return physicalNics(machine, []).map(({ name, mac }) => ({
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

function named(switches: readonly KnownSwitch[], id: string, port: string): string {
  const known = switches.find((one) => one.id === id)
  return known ? portName(known, port) : port
}
