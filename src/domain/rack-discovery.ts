import type { LldpNeighbour } from './lldp.ts'

/** A NIC in MAAS with what its LLDP heard at the machine's last commissioning; null: nothing. */
export interface HeardNic {
  machine: string
  nic: string
  mac: string
  neighbour: LldpNeighbour | null
}

/** A switch that a rack file names already. `address` without a port of the service. */
export interface DeclaredSwitch {
  ip: string
  address: string
  username: string
  type: string
}

/** In the rack file's own shape; what nobody can see stands in capital letters, or as a reference to a secret. */
export interface DiscoveredRack {
  name: string
  l2Switch: { ip: string; username: string; password: { ref: string }; type: string }
  hosts: { mac: string; port: string }[]
}

export interface Discovery {
  racks: DiscoveredRack[]
  /** What is missing in it and why. */
  notes: string[]
}

/**
 * A rack file out of what the machines' own NICs heard: one entry per switch. Nothing is asked of any switch, so that its
 * login is for a person to fill in.
 */
export function discoverRacks(nics: readonly HeardNic[], declared: readonly DeclaredSwitch[]): Discovery {
  const racks = new Map<string, DiscoveredRack>()
  const notes: string[] = []
  for (const { machine, nic, mac, neighbour } of nics) {
    if (neighbour === null) {
      notes.push(`${machine} ${nic} (${mac}): nothing was heard`)
      continue
    }
    const { managementAddress: address, chassis, port } = neighbour
    if (address === null) {
      notes.push(
        `${machine} ${nic} (${mac}): on port ${port} of ${chassis ?? 'a switch without a name'}, which does not tell its address`,
      )
      continue
    }
    const rack = racks.get(address) ?? newRack(address, neighbour, declared, notes)
    racks.set(address, rack)
    rack.hosts.push({ mac, port })
  }
  const natural = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true })
  for (const { hosts } of racks.values()) hosts.sort((a, b) => natural(a.port, b.port))
  return {
    racks: [...racks.values()].sort((a, b) => natural(a.l2Switch.ip, b.l2Switch.ip)),
    notes,
  }
}

function newRack(
  address: string,
  { chassis, description }: LldpNeighbour,
  declared: readonly DeclaredSwitch[],
  notes: string[],
): DiscoveredRack {
  const known = declared.find((one) => one.address === address)
  const type = known?.type ?? (/force10|\bftos\b/i.test(description ?? '') ? 'Force10' : 'TYPE')
  if (!known) notes.push(`switch ${address}: fill in its user${type === 'TYPE' ? ' and type' : ''}`)
  const variable = `TOR_${address.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}_PASSWORD`
  return {
    name: chassis ?? address,
    l2Switch: {
      ip: known?.ip ?? address,
      username: known?.username ?? 'USER',
      password: { ref: `env:${variable}` },
      type,
    },
    hosts: [],
  }
}
