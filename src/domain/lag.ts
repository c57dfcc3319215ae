import type { Host } from './host.ts'
import { wiredPorts } from './host.ts'

/** Whether a switch can be given a LAG more. */
export interface LagSwitch {
  address: string
  type: string
  /** Does its driver make and dissolve LAGs? */
  creates: boolean
  range: { from: number; to: number } | null
  taken: ReadonlySet<number>
}

/** Why this host cannot carry a system whose bond is 802.3ad, and what would help; null: it can. */
export function lagFault(host: Host, switches: ReadonlyMap<string, LagSwitch>): string | null {
  const ports = wiredPorts(host)
  const ids = [...new Set(ports.map(({ switchId }) => switchId))]
  if (ports.length < 2) return `802.3ad needs two wired NICs or more, and it has ${ports.length}`
  const addresses = ids.map((id) => switches.get(id)?.address ?? id)
  if (ids.length > 1)
    return `its NICs are wired to switches ${addresses.join(' and ')}, and Ferrule makes no LAG over two switches: use active-backup for it`
  const one = switches.get(ids[0] ?? '')
  const named = `switch ${addresses[0] ?? '?'}`
  if (!one?.creates)
    return `the driver of ${named} (${one?.type ?? '?'}) makes no LAGs, and in one that is always there it could not boot from the network: use active-backup for it`
  if (!one.range)
    return `${named} has no lagRange in the rack file: name there the LAGs that Ferrule may make`
  if (freeLag(one) === null)
    return `every LAG of ${named} is taken (${one.range.from}-${one.range.to}): widen its lagRange in the rack file`
  return null
}

/** The lowest number that nobody has. */
export function freeLag({ range, taken }: LagSwitch, avoid: ReadonlySet<number> = new Set()): number | null {
  for (let lag = range?.from ?? 1; lag <= (range?.to ?? 0); lag += 1) {
    if (!taken.has(lag) && !avoid.has(lag)) return lag
  }
  return null
}
