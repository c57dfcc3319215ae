import { z } from 'zod'
import type { PortConfig } from './model.ts'
import type { Snapshot } from './transport.ts'
import { parseVlans } from './vlan-list.ts'

const vlanLeaf = z.coerce.number().int().min(1).max(4094).optional()

const switchedVlan = z.looseObject({
  'interface-mode': z.enum(['ACCESS', 'TRUNK']).optional(),
  'access-vlan': vlanLeaf,
  'native-vlan': vlanLeaf,
  'trunk-vlans': z.array(z.union([z.string(), z.number()])).optional(),
})

const addressed = z
  .looseObject({ addresses: z.looseObject({ address: z.array(z.unknown()).optional() }).optional() })
  .optional()

const subinterface = z.looseObject({ ipv4: addressed, ipv6: addressed })

const oneInterface = z.looseObject({
  name: z.string(),
  config: z.looseObject({ enabled: z.boolean().optional(), description: z.string().optional() }).optional(),
  ethernet: z
    .looseObject({
      config: z.looseObject({ 'aggregate-id': z.string().optional() }).optional(),
      'switched-vlan': z.looseObject({ config: switchedVlan.optional() }).optional(),
    })
    .optional(),
  subinterfaces: z.looseObject({ subinterface: z.array(subinterface).optional() }).optional(),
})

const interfaces = z.looseObject({ interface: z.array(oneInterface).optional() })

/**
 * `/interfaces` of openconfig-interfaces in JSON_IETF (RFC 7951), with or without the names of modules before the names
 * of nodes. @throws Error with where it is not the model
 */
export function parseInterfaces(tree: unknown): Omit<Snapshot, 'vlans'> {
  const parsed = interfaces.safeParse(bare(tree))
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('/') ?? 'its root'
    throw new Error(`its interfaces are not as the model has them (${where})`)
  }
  const ports = new Map<string, PortConfig>()
  const members = new Map<string, string>()
  const routed = new Set<string>()
  for (const one of parsed.data.interface ?? []) {
    const aggregate = one.ethernet?.config?.['aggregate-id']
    if (aggregate) members.set(one.name, aggregate)
    if (one.subinterfaces?.subinterface?.some(hasAddress)) routed.add(one.name)
    const config = one.ethernet?.['switched-vlan']?.config
    const listed = config?.['trunk-vlans']
    const trunkVlans = listed === undefined ? null : parseVlans(listed)
    if (listed !== undefined && trunkVlans === null)
      throw new Error(`its trunk-vlans of ${one.name} are no VLANs`)
    ports.set(one.name, {
      enabled: one.config?.enabled !== false,
      vlans: {
        mode: config?.['interface-mode'] ?? null,
        accessVlan: config?.['access-vlan'] ?? null,
        nativeVlan: config?.['native-vlan'] ?? null,
        trunkVlans,
      },
    })
  }
  return { ports, members, routed }
}

function hasAddress({ ipv4, ipv6 }: z.infer<typeof subinterface>): boolean {
  return [ipv4, ipv6].some((family) => (family?.addresses?.address?.length ?? 0) > 0)
}

/** Names of nodes without those of their modules: "openconfig-vlan:config" is "config". */
export function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inside]) => [name.slice(name.indexOf(':') + 1), bare(inside)]),
  )
}
