import type { CablePlace, Learned } from '../domain/cable-truth.ts'
import { FerruleError } from '../domain/errors.ts'
import type { CableRow } from '../store/racks.ts'
import { type KnownSwitch, portName } from './cables.ts'
import { sideBySide } from './side-by-side.ts'
import type { Tools } from './tools.ts'

/** What switches have learned now, on ports of rack files. */
export interface LearnedPlaces {
  places: Learned
  /** Switches that tell nothing, with the reason. That proves nothing. */
  silent: { switch: string; reason: string }[]
}

interface LearnedEntry {
  place: CablePlace
  mac: string
}

/**
 * Only entries of the PXE VLAN count: there MAAS's environments speak with a NIC's own address, while a tenant may send
 * from whatever address it likes. Only ports of rack files count: behind an uplink everybody is heard.
 */
export async function learnedPlaces(tools: Tools, cables: readonly CableRow[]): Promise<LearnedPlaces> {
  const ids = [...new Set(cables.map(({ switchId }) => switchId))]
  const silent: { switch: string; reason: string }[] = []
  const learned = await sideBySide(ids, async (id) => {
    try {
      return await learnedAt(
        tools,
        id,
        cables.filter(({ switchId }) => switchId === id),
      )
    } catch (error) {
      if (!(error instanceof FerruleError) || error.code === 'database-unreachable') throw error
      silent.push({ switch: id, reason: error.message })
      return []
    }
  })
  const places = new Map<string, CablePlace[]>()
  for (const { mac, place } of learned.flat()) places.set(mac, [...(places.get(mac) ?? []), place])
  return { places, silent }
}

async function learnedAt(tools: Tools, id: string, cables: readonly CableRow[]): Promise<LearnedEntry[]> {
  const { ports, row } = await tools.openSwitch(id)
  const known: KnownSwitch = { id, address: row.address, ports }
  const entries = await ports.learned([...new Set(cables.map(({ port }) => port))])
  return entries
    .filter(({ vlan }) => vlan === row.pxeVlan)
    .map(({ mac, port }) => {
      // on a LAG that people made no member is told: the address's own one, if it is declared there
      const own = cables.find((cable) => cable.mac === mac && cable.port === port)
      return { mac, place: { switch: id, port: portName(known, own?.member ?? port) } }
    })
}
