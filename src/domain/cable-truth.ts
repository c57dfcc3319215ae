/** One port of one switch; `switch` is its id. */
export interface CablePlace {
  switch: string
  port: string
}

/** A NIC that MAAS knows, and where LLDP saw it at its machine's last commissioning. */
export interface SeenNic {
  machine: string
  nic: string
  mac: string
  /** Null: no neighbour was heard, which proves nothing. `switch` is an address that no rack file has, where it is none of ours. */
  seen: CablePlace | null
}

export type CableVerdict =
  | 'as-declared'
  /** This cable and another one are each where the other is declared. */
  | 'swapped'
  /** On another port than the rack file says. */
  | 'elsewhere'
  /** On a port of the rack's switches, and in no rack file. */
  | 'undeclared'
  | 'unseen'
  /** MAAS knows no NIC with this MAC. */
  | 'unknown-nic'

export interface CableCheck {
  mac: string
  machine: string | null
  nic: string | null
  declared: CablePlace | null
  seen: CablePlace | null
  verdict: CableVerdict
}

/** Verdicts that a person must look at: a tenant's VLAN would go to another one's server. */
const lies: ReadonlySet<CableVerdict> = new Set<CableVerdict>(['swapped', 'elsewhere', 'undeclared'])

export function isLie({ verdict }: CableCheck): boolean {
  return lies.has(verdict)
}

/**
 * What the rack file declares against what LLDP saw. Ports come in the canonical form of their switch. What is wrong comes
 * first, then in the order of switch and port.
 *
 * @param declared the cables of the rack that is looked at
 * @param elsewhere MACs that another rack file declares: they are not undeclared
 */
export function checkCables(
  declared: readonly (CablePlace & { mac: string })[],
  nics: readonly SeenNic[],
  elsewhere: ReadonlySet<string>,
): CableCheck[] {
  const byMac = new Map(nics.map((nic) => [nic.mac, nic]))
  const owner = new Map(declared.map((cable) => [keyOf(cable), cable]))
  const switches = new Set(declared.map((cable) => cable.switch))
  const checks = declared.map(({ mac, ...place }): CableCheck => {
    const nic = byMac.get(mac)
    const common = { mac, machine: nic?.machine ?? null, nic: nic?.nic ?? null, declared: place }
    if (!nic) return { ...common, seen: null, verdict: 'unknown-nic' }
    const { seen } = nic
    if (!seen) return { ...common, seen, verdict: 'unseen' }
    if (keyOf(seen) === keyOf(place)) return { ...common, seen, verdict: 'as-declared' }
    const other = owner.get(keyOf(seen))
    const crossed = other && byMac.get(other.mac)?.seen
    return { ...common, seen, verdict: crossed && keyOf(crossed) === keyOf(place) ? 'swapped' : 'elsewhere' }
  })
  const known = new Set(declared.map(({ mac }) => mac))
  for (const { mac, machine, nic, seen } of nics)
    if (seen && switches.has(seen.switch) && !known.has(mac) && !elsewhere.has(mac))
      checks.push({ mac, machine, nic, declared: null, seen, verdict: 'undeclared' })
  return checks.sort(
    (a, b) =>
      Number(isLie(b)) - Number(isLie(a)) || placeOf(a).localeCompare(placeOf(b), 'en', { numeric: true }),
  )
}

function keyOf(place: CablePlace): string {
  return `${place.switch} ${place.port}`
}

function placeOf({ declared, seen }: CableCheck): string {
  const place = declared ?? seen
  return place ? keyOf(place) : ''
}
