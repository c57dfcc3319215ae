import type { Announcement } from '../drivers/switch/types.ts'
import { type CabledSwitch, portName, type ToldMac } from './cables.ts'

/**
 * Seconds: an announcement each 30 s that is believed four times as long, and one more (msgTxInterval × msgTxHold + 1,
 * IEEE 802.1AB §9.2.5). Whoever asks to be believed for longer could be a tenant that has left.
 */
const LONGEST_TTL = 121

/**
 * Where NICs announce themselves, whatever runs above: firmware of many a NIC has an LLDP agent of its own. A tenant's
 * system can announce whatever it likes, so only a port counts that is in the PXE VLAN alone, where no tenant's runs.
 *
 * @param declared MACs of all rack files
 */
export async function announcedPlaces(
  { known, ports, row, cables }: CabledSwitch,
  declared: ReadonlySet<string>,
): Promise<ToldMac[]> {
  const ofPort = new Map(cables.map((cable) => [cable.member ?? cable.port, cable.port]))
  const heard = (await ports.announced([...ofPort.keys()])).filter(
    (one) => declared.has(one.mac) && believable(one),
  )
  if (heard.length === 0) return []
  const vlansOf = (port: string) => ofPort.get(port) ?? port
  const states = await ports.readPorts([...new Set(heard.map(({ port }) => vlansOf(port)))])
  return heard
    .filter(({ port }) => {
      const state = states.get(vlansOf(port))
      return state?.mode === 'access' && state.untagged === row.pxeVlan
    })
    .map(({ mac, port }) => ({ mac, place: { switch: known.id, port: portName(known, port) } }))
}

function believable({ ttl }: Announcement): boolean {
  return ttl === null || ttl <= LONGEST_TTL
}
