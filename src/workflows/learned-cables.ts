import type { Learned, ToldPlace } from '../domain/cable-truth.ts'
import { FerruleError } from '../domain/errors.ts'
import type { CableRow } from '../store/racks.ts'
import { announcedPlaces } from './announced-cables.ts'
import { type CabledSwitch, portName, type ToldMac } from './cables.ts'
import { sideBySide } from './side-by-side.ts'
import type { Tools } from './tools.ts'

/** What switches tell now of ports of rack files. */
export interface LearnedPlaces {
  places: Learned
  silent: SilentSwitch[]
}

/** It does not tell what it has learned (`fdb`), or who announces himself (`lldp`). That proves nothing. */
export interface SilentSwitch {
  switch: string
  by: ToldPlace['by']
  reason: string
}

/**
 * Where the switches of these cables say that NICs are. Only what is said of the PXE VLAN counts: there MAAS's
 * environments speak with a NIC's own address, while a tenant may send from whatever address it likes. Only ports of rack
 * files count: behind an uplink everybody is heard.
 *
 * @param declared of all rack files: an announcement counts only of a NIC that one of them names
 */
export async function learnedPlaces(
  tools: Pick<Tools, 'openSwitch'>,
  cables: readonly CableRow[],
  declared: readonly CableRow[],
): Promise<LearnedPlaces> {
  const ids = [...new Set(cables.map(({ switchId }) => switchId))]
  const names = new Set(declared.map(({ mac }) => mac))
  const silent: SilentSwitch[] = []
  const told = await sideBySide(ids, async (id) => {
    const ask = async (by: ToldPlace['by'], read: () => Promise<ToldMac[]>) => {
      try {
        return await read()
      } catch (error) {
        if (!(error instanceof FerruleError) || error.code === 'database-unreachable') throw error
        silent.push({ switch: id, by, reason: error.message })
        return []
      }
    }
    const one = () =>
      cabledSwitch(
        tools,
        id,
        cables.filter(({ switchId }) => switchId === id),
      )
    const fdb = await ask('fdb', async () => learnedAt(await one()))
    const lldp = await ask('lldp', async () => announcedPlaces(await one(), names))
    return { fdb, lldp }
  })
  return {
    places: join(
      told.flatMap(({ fdb }) => fdb),
      told.flatMap(({ lldp }) => lldp),
    ),
    silent,
  }
}

/** An address moves to its new port with the first frame, and an announcement is believed for minutes: so it yields. */
function join(fdb: readonly ToldMac[], lldp: readonly ToldMac[]): Learned {
  const learned = new Set(fdb.map(({ mac }) => mac))
  const places = new Map<string, ToldPlace[]>()
  const add = (by: ToldPlace['by'], { mac, place }: ToldMac) =>
    places.set(mac, [...(places.get(mac) ?? []), { ...place, by }])
  for (const entry of fdb) add('fdb', entry)
  for (const entry of lldp) if (!learned.has(entry.mac)) add('lldp', entry)
  return places
}

async function cabledSwitch(
  tools: Pick<Tools, 'openSwitch'>,
  id: string,
  cables: readonly CableRow[],
): Promise<CabledSwitch> {
  const { ports, row } = await tools.openSwitch(id)
  return { known: { id, address: row.address, ports }, ports, row, cables }
}

async function learnedAt({ known, ports, row, cables }: CabledSwitch): Promise<ToldMac[]> {
  const entries = await ports.learned([...new Set(cables.map(({ port }) => port))])
  return entries
    .filter(({ vlan }) => vlan === row.pxeVlan)
    .map(({ mac, port }) => {
      // on a LAG that people made no member is told: the address's own one, if it is declared there
      const own = cables.find((cable) => cable.mac === mac && cable.port === port)
      return { mac, place: { switch: known.id, port: portName(known, own?.member ?? port) } }
    })
}
