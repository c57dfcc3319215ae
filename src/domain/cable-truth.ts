/** One port of one switch; `switch` is its id. */
export interface CablePlace {
  switch: string
  port: string
}

/** Where a switch says that a NIC is now, and how it knows. */
export interface ToldPlace extends CablePlace {
  /** `fdb`: frames came in there. `lldp`: the NIC announces itself there. */
  by: 'fdb' | 'lldp'
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
  /** By neither witness. */
  | 'unseen'
  /** MAAS knows no NIC with this MAC. */
  | 'unknown-nic'

export interface CableCheck {
  mac: string
  machine: string | null
  nic: string | null
  declared: CablePlace | null
  /** By LLDP. */
  seen: CablePlace | null
  /** Where switches say that it is now. More than one place: one of them is old, and none counts. */
  learned: ToldPlace[]
  verdict: CableVerdict
}

/** By MAC: where switches say that it is now. */
export type Learned = ReadonlyMap<string, readonly ToldPlace[]>

/** A switch forgets within minutes, but not at once: an address that is at two places was moved, or something loops. */
export function onePlace<P extends CablePlace>(places: readonly P[] | undefined): P | null {
  const [first, ...others] = places ?? []
  return first && others.every((other) => isAt(other, first)) ? first : null
}

export function isAt(one: CablePlace | null, other: CablePlace): boolean {
  return one !== null && keyOf(one) === keyOf(other)
}

/** Verdicts that a person must look at: a tenant's VLAN would go to another one's server. */
const lies: ReadonlySet<CableVerdict> = new Set<CableVerdict>(['swapped', 'elsewhere', 'undeclared'])

export function isLie({ verdict }: CableCheck): boolean {
  return lies.has(verdict)
}

/**
 * What the rack file declares against what was seen: by LLDP at the last commissioning, and by the switches now. Where the
 * two differ, the switches' word is the newer one. Ports come in the canonical form of their switch. What is wrong comes
 * first, then in the order of switch and port.
 *
 * @param declared the cables of the rack that is looked at
 * @param elsewhere MACs that another rack file declares: they are not undeclared
 */
export function checkCables(
  declared: readonly (CablePlace & { mac: string })[],
  nics: readonly SeenNic[],
  elsewhere: ReadonlySet<string>,
  learned: Learned = new Map(),
): CableCheck[] {
  const byMac = new Map(nics.map((nic) => [nic.mac, nic]))
  const owner = new Map(declared.map((cable) => [keyOf(cable), cable]))
  const switches = new Set(declared.map((cable) => cable.switch))
  const placeNow = (mac: string) => onePlace(learned.get(mac)) ?? byMac.get(mac)?.seen ?? null
  const checks = declared.map(({ mac, ...place }): CableCheck => {
    const now = placeNow(mac)
    const common = { ...witnessed(mac, byMac.get(mac), learned), declared: place }
    if (!now) return { ...common, verdict: byMac.has(mac) ? 'unseen' : 'unknown-nic' }
    if (isAt(now, place)) return { ...common, verdict: 'as-declared' }
    const other = owner.get(keyOf(now))
    const crossed = other !== undefined && isAt(placeNow(other.mac), place)
    return { ...common, verdict: crossed ? 'swapped' : 'elsewhere' }
  })
  const known = new Set(declared.map(({ mac }) => mac))
  for (const nic of nics) {
    const now = placeNow(nic.mac)
    if (now && switches.has(now.switch) && !known.has(nic.mac) && !elsewhere.has(nic.mac))
      checks.push({ ...witnessed(nic.mac, nic, learned), declared: null, verdict: 'undeclared' })
  }
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

function witnessed(mac: string, nic: SeenNic | undefined, learned: Learned) {
  const { machine = null, nic: name = null, seen = null } = nic ?? {}
  return { mac, machine, nic: name, seen, learned: [...(learned.get(mac) ?? [])] }
}
