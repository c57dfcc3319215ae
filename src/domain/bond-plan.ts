/**
 * `802.3ad` needs the host's switch ports in one LACP group while the tenant runs. The others need nothing of a switch:
 * with the two `balance` ones each member sends frames, and under its own MAC unless it is the active one.
 */
export const bondModes = ['active-backup', '802.3ad', 'balance-tlb', 'balance-alb'] as const
export type BondMode = (typeof bondModes)[number]

/**
 * How a host's NICs become the interface that carries CloudStack's MAC. The MAC goes on a bond (one member is legal),
 * never on a physical NIC: MAAS finds a machine by its NICs' true MACs, and a rewritten one hangs deploy and erase.
 */
export interface BondPlan {
  name: string
  mode: BondMode
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

export function planBond(
  candidates: readonly BondCandidate[],
  mode: BondMode = 'active-backup',
): BondPlan | { impossible: string } {
  const boot = candidates.find((nic) => nic.isBoot)
  if (!boot) return { impossible: 'MAAS names no boot NIC' }
  if (!boot.wired)
    return { impossible: `its boot NIC ${boot.mac} is not wired to a switch port in the rack file` }
  const others = candidates.filter((nic) => !nic.isBoot && nic.wired)
  const usable = others.filter((nic) => nic.usable)
  const notes = others
    .filter((nic) => !nic.usable)
    .map((nic) => `${nic.name} (${nic.mac}) is wired but MAAS cannot use it: the bond goes without it`)
  // the switch puts every wired port into the LAG, and would throw frames at a NIC that does not speak LACP
  const [note] = notes
  if (mode === '802.3ad' && note) return { impossible: `${note}, and 802.3ad needs every wired NIC` }
  if (mode === '802.3ad' && usable.length === 0)
    return { impossible: '802.3ad needs two wired NICs or more, and it has one' }
  return { name: 'bond0', mode, members: [boot.mac, ...usable.map((nic) => nic.mac)], notes }
}
