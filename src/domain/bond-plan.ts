/**
 * How a host's NICs become the interface that carries CloudStack's MAC. The MAC goes on a bond (one member is legal),
 * never on a physical NIC: MAAS finds a machine by its NICs' true MACs, and a rewritten one hangs deploy and erase.
 */
export interface BondPlan {
  name: string
  mode: 'active-backup'
  /** Members by MAC, the boot NIC first. */
  members: string[]
  /** Why fewer NICs than are wired take part; empty if all do. */
  notes: string[]
}

export interface BondCandidate {
  mac: string
  name: string
  wired: boolean
  /** MAAS knows it as a physical interface that can be moved to the PXE VLAN. */
  usable: boolean
  isBoot: boolean
}

export function planBond(candidates: readonly BondCandidate[]): BondPlan | { impossible: string } {
  const boot = candidates.find((nic) => nic.isBoot)
  if (!boot) return { impossible: 'MAAS names no boot NIC' }
  if (!boot.wired)
    return { impossible: `its boot NIC ${boot.mac} is not wired to a switch port in the rack file` }
  const others = candidates.filter((nic) => !nic.isBoot && nic.wired)
  const usable = others.filter((nic) => nic.usable)
  const notes = others
    .filter((nic) => !nic.usable)
    .map((nic) => `${nic.name} (${nic.mac}) is wired but MAAS cannot use it: the bond goes without it`)
  return { name: 'bond0', mode: 'active-backup', members: [boot.mac, ...usable.map((nic) => nic.mac)], notes }
}
