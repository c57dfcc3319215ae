import type { BondMode } from './bond-plan.ts'
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

export function inPreMadeLag(host: Pick<Host, 'nics'>): boolean {
  return wiredPorts(host).some(({ member }) => member !== undefined)
}

/** Of a host with NICs in a LAG that people made: why this bond cannot work there; null: it can, or there is none. */
export function preMadeLagFault(host: Pick<Host, 'nics'>, mode: BondMode): string | null {
  if (!inPreMadeLag(host)) return null
  const ports = wiredPorts(host)
  const named = [...new Set(ports.map(({ switchId, port }) => `${port} of switch ${switchId}`))]
  if (named.length > 1 || ports.some(({ member }) => member === undefined))
    return `its NICs are wired to ${named.join(' and ')}: a host is in one pre-made LAG with every wired NIC, or in none`
  if (mode !== '802.3ad')
    return `its NICs are in the pre-made LAG ${named[0]}, where only a bond in mode 802.3ad carries frames, and this one is ${mode}`
  if (ports.length < 2) return '802.3ad needs two wired NICs or more, and it has 1'
  return null
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
    return `the driver of ${named} (${one?.type ?? '?'}) makes no LAGs: use active-backup for it, or where the driver reads them a LAG that people make, with fallback`
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
