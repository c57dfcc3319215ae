import { z } from 'zod'
import { colonMac } from '../colon-mac.ts'
import type { Announcement } from '../types.ts'
import { parsed } from './look.ts'
import type { EapiRpc } from './rpc.ts'

const COMMAND = 'show lldp neighbors detail'

const neighbours = z.looseObject({
  lldpNeighbors: z.record(
    z.string(),
    z.looseObject({
      lldpNeighborInfo: z.array(
        z.looseObject({
          ttl: z.int().optional(),
          // a frame that is no whole announcement leaves either out
          neighborInterfaceInfo: z
            .looseObject({ interfaceIdType: z.string().optional(), interfaceId: z.string().optional() })
            .optional(),
        }),
      ),
    }),
  ),
})

/** Every port of the switch, also those on which nobody is heard. @throws switch-refused, and what the client throws */
export async function readAnnouncements(rpc: EapiRpc): Promise<Announcement[]> {
  const [shown] = await rpc.json([COMMAND])
  const heard = parsed(rpc, COMMAND, neighbours, shown).lldpNeighbors
  return Object.entries(heard).flatMap(([port, { lldpNeighborInfo }]) =>
    lldpNeighborInfo.flatMap(({ ttl = null, neighborInterfaceInfo: info }) => {
      const mac = info?.interfaceIdType === 'macAddress' ? colonMac(info.interfaceId ?? '') : null
      return mac === null ? [] : [{ port, mac, ttl }]
    }),
  )
}
