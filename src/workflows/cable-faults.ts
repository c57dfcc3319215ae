import { type CablePlace, isAt, onePlace } from '../domain/cable-truth.ts'
import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { wiredPorts } from '../domain/host.ts'
import { type CableRow, listCables } from '../store/racks.ts'
import { declaredWords, seenWords, strangerWords, toldWords, wrongCablesMessage } from './cable-words.ts'
import { type KnownSwitch, knownSwitches, neighboursOf, portName, seenNics } from './cables.ts'
import { type LearnedPlaces, learnedPlaces } from './learned-cables.ts'
import { systemIdOf } from './maas-machine.ts'
import type { Tools } from './tools.ts'

/** Where a NIC of a host is to be, in the names of its switch. */
interface DeclaredNic {
  name: string
  mac: string
  place: CablePlace
  /** "eno1 is declared on 10.0.0.1 port 1/4" */
  words: string
}

interface Site {
  switches: readonly KnownSwitch[]
  /** Of every rack file. */
  cables: readonly CableRow[]
}

/**
 * What either witness contradicts: LLDP as the machine heard it at its last commissioning, and the addresses that its
 * switches have learned by now. The newer one counts where they differ; what neither saw proves nothing.
 */
export async function cableFaults(tools: Tools, host: Host): Promise<string[]> {
  const site = await siteOf(tools)
  const nics = declaredNics(host, site)
  const [neighbours, learned] = await Promise.all([
    neighboursOf(tools, systemIdOf(host)),
    learnedNear(tools, host, site),
  ])
  const seen = seenNics(host.name, host.nics, neighbours, site.switches)
  const heard = nics.flatMap(({ mac, place, words }) => {
    const at = seen.find((one) => one.mac === mac)?.seen
    if (!at || isAt(at, place) || onePlace(learned.places.get(mac))) return []
    return [`${words}, ${seenWords(at, place)}`]
  })
  return [...heard, ...contradicted(nics, site, learned.places)]
}

/** What the addresses that its switches have learned by now contradict, alone: while the host speaks in the PXE VLAN. */
export async function learnedFaults(tools: Tools, host: Host): Promise<string[]> {
  const site = await siteOf(tools)
  const { places } = await learnedNear(tools, host, site)
  return contradicted(declaredNics(host, site), site, places)
}

/**
 * MAAS's environments speak with a NIC's own address, and the switches tell where: so a cable is found out that was moved
 * since the last commissioning, or of which LLDP heard nothing. @throws check-failed
 */
export async function refuseLearnedElsewhere(tools: Tools, host: Host, remedy: string): Promise<void> {
  const faults = await learnedFaults(tools, host)
  if (faults.length > 0) throw wrongCables(host, faults, remedy)
}

/** What is told of a host whose cables are elsewhere: a tenant's VLAN would be set on the port of another machine. */
export function wrongCables(host: Host, faults: readonly string[], remedy: string): FerruleError {
  return new FerruleError('check-failed', wrongCablesMessage(host.name, faults), remedy, {
    host: host.name,
    cables: [...faults],
  })
}

async function siteOf(tools: Tools): Promise<Site> {
  const [switches, cables] = await Promise.all([knownSwitches(tools), listCables(tools.db)])
  return { switches, cables }
}

/** All declared ports of the switches that the host is wired to. */
function learnedNear(tools: Tools, host: Host, { cables }: Site): Promise<LearnedPlaces> {
  const near = new Set(wiredPorts(host).map(({ switchId }) => switchId))
  return learnedPlaces(
    tools,
    cables.filter(({ switchId }) => near.has(switchId)),
    cables,
  )
}

function declaredNics(host: Host, { switches }: Site): DeclaredNic[] {
  return host.nics.flatMap(({ name, mac, port: ref }) => {
    const known = switches.find(({ id }) => id === ref?.switchId)
    if (!ref || !known) return []
    const own = ref.member ?? ref.port
    const place = { switch: known.id, port: portName(known, own) }
    return [{ name, mac, place, words: declaredWords(name, known.address, own) }]
  })
}

/** A NIC of the host that is learned on another port, and another machine's that is learned on one of its ports. */
function contradicted(
  nics: readonly DeclaredNic[],
  { cables }: Site,
  places: LearnedPlaces['places'],
): string[] {
  const own = new Set(nics.map(({ mac }) => mac))
  const others = cables.filter(({ mac }) => !own.has(mac))
  return nics.flatMap(({ mac, place, words }) => {
    const at = onePlace(places.get(mac))
    const moved = at && !isAt(at, place) ? [`${words}, ${toldWords(at)}`] : []
    const strangers = others.flatMap((one) => {
      const there = onePlace(places.get(one.mac))
      if (!there || !isAt(there, place)) return []
      return [`${words}, ${strangerWords(there.by, one.mac, one.switchId, one.member ?? one.port)}`]
    })
    return [...moved, ...strangers]
  })
}
