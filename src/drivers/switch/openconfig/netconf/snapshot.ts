import { z } from 'zod'
import type { PortConfig } from '../model.ts'
import type { Snapshot } from '../transport.ts'
import { parseVlans } from '../vlan-list.ts'

/** An element without children comes as text. */
function element<T extends z.ZodType>(shape: T) {
  return z.union([shape, z.literal('').transform(() => undefined)]).optional()
}

const vlanLeaf = z.coerce.number().int().min(1).max(4094).optional()

const switchedVlan = z.looseObject({
  'interface-mode': z.enum(['ACCESS', 'TRUNK']).optional(),
  'access-vlan': vlanLeaf,
  'native-vlan': vlanLeaf,
  'trunk-vlans': z.array(z.string()).optional(),
})

const oneInterface = z.looseObject({
  name: z.string(),
  config: element(z.looseObject({ enabled: z.string().optional() })),
  ethernet: element(
    z.looseObject({
      config: element(z.looseObject({ 'aggregate-id': z.string().optional() })),
      'switched-vlan': element(z.looseObject({ config: element(switchedVlan) })),
    }),
  ),
})

const vlans = element(
  z.looseObject({
    vlan: z
      .array(
        z.looseObject({
          'vlan-id': z.coerce.number().int(),
          config: element(z.looseObject({ name: z.string().optional() })),
        }),
      )
      .optional(),
  }),
)

const data = z.union([
  z.literal('').transform(() => ({}) as { [key: string]: never }),
  z.looseObject({
    interfaces: element(z.looseObject({ interface: z.array(oneInterface).optional() })),
    vlans,
    'network-instances': element(
      z.looseObject({ 'network-instance': z.array(z.looseObject({ vlans })).optional() }),
    ),
  }),
])

/** What get-config answered. @throws Error with where it is not the model */
export function parseSnapshot(answer: unknown, makesVlans: boolean): Snapshot {
  const parsed = data.safeParse(answer)
  if (!parsed.success)
    throw new Error(`its configuration is not as the model has it (${where(parsed.error)})`)
  const { interfaces, ...rest } = parsed.data
  const ports = new Map<string, PortConfig>()
  const members = new Map<string, string>()
  for (const one of interfaces?.interface ?? []) {
    const aggregate = one.ethernet?.config?.['aggregate-id']
    if (aggregate) members.set(one.name, aggregate)
    const config = one.ethernet?.['switched-vlan']?.config
    const listed = config?.['trunk-vlans']
    const trunkVlans = listed === undefined ? null : parseVlans(listed)
    if (listed !== undefined && trunkVlans === null)
      throw new Error(`its trunk-vlans of ${one.name} are no VLANs`)
    ports.set(one.name, {
      enabled: one.config?.enabled?.trim() !== 'false',
      vlans: {
        mode: config?.['interface-mode'] ?? null,
        accessVlan: config?.['access-vlan'] ?? null,
        nativeVlan: config?.['native-vlan'] ?? null,
        trunkVlans,
      },
    })
  }
  const made = rest.vlans?.vlan ?? rest['network-instances']?.['network-instance']?.[0]?.vlans?.vlan ?? []
  return {
    ports,
    members,
    vlans: makesVlans
      ? made.map((one) => ({ vlan: one['vlan-id'], description: one.config?.name ?? null }))
      : null,
  }
}

function where(error: z.ZodError): string {
  return error.issues[0]?.path.join('/') ?? 'its root'
}
