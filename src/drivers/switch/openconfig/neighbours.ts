import { z } from 'zod'
import { colonMac } from '../colon-mac.ts'
import type { Announcement } from '../types.ts'
import { bare } from './json-model.ts'

const neighbour = z.looseObject({
  state: z
    .looseObject({
      'port-id': z.string().optional(),
      'port-id-type': z.string().optional(),
      ttl: z.coerce.number().int().optional(),
    })
    .optional(),
})
const interfaces = z.looseObject({
  interface: z
    .array(
      z.looseObject({
        name: z.string(),
        neighbors: z.looseObject({ neighbor: z.array(neighbour).optional() }).optional(),
      }),
    )
    .optional(),
})

/** An identity may come with the name of its module (RFC 7951 §6.8). */
const MAC_ADDRESS = /^(?:[\w-]+:)?MAC_ADDRESS$/

/**
 * Who announces himself, of `/lldp/interfaces` of openconfig-lldp in JSON_IETF. @throws Error with where it is not the
 * model
 */
export function parseAnnouncements(tree: unknown): Announcement[] {
  const parsed = interfaces.safeParse(bare(tree))
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('/') ?? 'its root'
    throw new Error(`its LLDP neighbours are not as the model has them (${where})`)
  }
  return (parsed.data.interface ?? []).flatMap(({ name: port, neighbors }) =>
    (neighbors?.neighbor ?? []).flatMap(({ state }) => {
      const isMac = MAC_ADDRESS.test(state?.['port-id-type'] ?? '')
      const mac = isMac ? colonMac(state?.['port-id'] ?? '') : null
      return mac === null ? [] : [{ port, mac, ttl: state?.ttl ?? null }]
    }),
  )
}
