import type { CablePlace, SeenNic } from '../domain/cable-truth.ts'
import { FerruleError } from '../domain/errors.ts'
import type { HostNic, PortRef } from '../domain/host.ts'
import { type LldpNeighbour, lldpNeighbours } from '../domain/lldp.ts'
import type { SwitchPorts } from '../drivers/switch/types.ts'
import type { MaasMachine } from '../maas/types.ts'
import { type CableRow, listSwitches, type SwitchRow } from '../store/racks.ts'
import type { Tools } from './tools.ts'

/** A switch of a rack file, as LLDP names it and as its driver names its ports. */
export interface KnownSwitch {
  id: string
  /** As its rack file has it, without a port of the service. */
  address: string
  ports: SwitchPorts
}

/** A switch of a rack file, and its ports that have a cable. */
export interface CabledSwitch {
  known: KnownSwitch
  ports: SwitchPorts
  row: SwitchRow
  cables: readonly CableRow[]
}

/** What a switch tells of a NIC. */
export interface ToldMac {
  mac: string
  place: CablePlace
}

export async function knownSwitches(tools: Tools): Promise<KnownSwitch[]> {
  const rows = await listSwitches(tools.db)
  return Promise.all(
    rows.map(async ({ id, address }) => ({
      id,
      address: address.replace(/:\d+$/, ''),
      ports: (await tools.openSwitch(id)).ports,
    })),
  )
}

/** Where LLDP saw each NIC at the machine's last commissioning, in the names of our switches. */
export function seenNics(
  machine: string,
  nics: readonly HostNic[],
  neighbours: Neighbours,
  switches: readonly KnownSwitch[],
): SeenNic[] {
  return nics.map((nic) => {
    const neighbour = neighbours.get(nic.name)
    return {
      machine,
      nic: nic.name,
      mac: nic.mac,
      seen: neighbour ? placeOf(neighbour, nic, switches) : null,
    }
  })
}

/** What MAAS knows of a machine's own NICs, each on the port that a rack file gives it. */
export function physicalNics({ interfaces }: MaasMachine, cables: ReadonlyMap<string, CableRow>): HostNic[] {
  return interfaces
    .filter(({ type }) => type === 'physical')
    .map(({ name, mac }) => {
      const cable = cables.get(mac)
      return { name, mac, port: cable ? portRef(cable) : null }
    })
}

export function portRef({ switchId, port, member }: Omit<CableRow, 'mac'>): PortRef {
  return { switchId, port, ...(member === null ? {} : { member }) }
}

/** What a machine's LLDP heard at its last commissioning, as MAAS keeps it. */
export type Hear = (machine: MaasMachine) => Promise<Neighbours>

/** By name of the NIC. */
export type Neighbours = ReadonlyMap<string, LldpNeighbour>

export async function neighboursOf(tools: Tools, systemId: string): Promise<Neighbours> {
  const sets = await tools.maas.results(systemId, 'commissioning')
  const capture = sets
    .flatMap((set) => set.results)
    .find((result) => result.name.endsWith('capture-lldpd') && result.output !== '')
  return new Map((capture ? lldpNeighbours(capture.output) : []).map((one) => [one.interface, one]))
}

/** A switch that does not tell its address is taken for the one that is declared: a port of another name is still told. */
function placeOf(
  { managementAddress, port }: LldpNeighbour,
  nic: HostNic,
  switches: readonly KnownSwitch[],
): CablePlace | null {
  const known = switches.find((one) =>
    managementAddress === null ? one.id === nic.port?.switchId : one.address === managementAddress,
  )
  if (known) return { switch: known.id, port: portName(known, port) }
  return managementAddress === null ? null : { switch: managementAddress, port }
}

/** A port that is none of a data VLAN's, as the switch's management port, stays as LLDP calls it. */
export function portName({ ports }: KnownSwitch, port: string): string {
  try {
    return ports.canonicalPort(port)
  } catch (error) {
    if (error instanceof FerruleError && error.code === 'invalid-input') return port
    throw error
  }
}
