import { z } from 'zod'
import type { LearnedMac } from '../types.ts'
import { bare } from './json-model.ts'

const entry = z.looseObject({
  'mac-address': z.string(),
  vlan: z.coerce.number().int(),
  interface: z
    .looseObject({ 'interface-ref': z.looseObject({ state: z.looseObject({ interface: z.string() }) }) })
    .optional(),
})
const table = z.looseObject({
  entries: z.looseObject({ entry: z.array(entry).optional() }).optional(),
})

/**
 * What a switch has learned, of `fdb/mac-table` of openconfig-network-instance in JSON_IETF. Entries without a port, as
 * those of the switch itself, are none. @throws Error with where it is not the model
 */
export function parseMacTable(tree: unknown): LearnedMac[] {
  const parsed = table.safeParse(bare(tree))
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('/') ?? 'its root'
    throw new Error(`its MAC addresses are not as the model has them (${where})`)
  }
  return (parsed.data.entries?.entry ?? []).flatMap((one) => {
    const port = one.interface?.['interface-ref'].state.interface
    return port === undefined ? [] : [{ port, mac: one['mac-address'].toLowerCase(), vlan: one.vlan }]
  })
}
