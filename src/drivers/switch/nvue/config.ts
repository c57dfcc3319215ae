import { z } from 'zod'
import { parseVlanList } from '../switchport/vlan-list.ts'
import type { PortState } from '../types.ts'

/** The VLAN-aware bridge that Cumulus makes and that hosts' ports are in. */
export const BRIDGE = 'br_default'

/** Of a bridge that says nothing else. */
const DEFAULT_UNTAGGED = 1

const keys = z.record(z.string(), z.unknown())
const untagged = z.union([z.literal('none'), z.coerce.number().int()])

const membership = z.looseObject({
  access: z.coerce.number().int().optional(),
  untagged: untagged.optional(),
  vlan: keys.optional(),
})

/** An interface in a revision; with `filled=false` only what somebody has set. */
const interfaceConfig = z.looseObject({
  bridge: z.looseObject({ domain: z.record(z.string(), membership.nullable()).optional() }).optional(),
  /** `{ "down": {} }`, in newer releases "down". */
  link: z.looseObject({ state: z.union([z.string(), keys]).optional() }).optional(),
  bond: z.looseObject({ member: keys.optional() }).optional(),
  ip: z.looseObject({ address: keys.optional() }).optional(),
})
export const interfaceConfigs = z.record(z.string(), interfaceConfig)
export type InterfaceConfigs = z.infer<typeof interfaceConfigs>

export const bridgeConfig = z
  .looseObject({ untagged: untagged.optional(), vlan: keys.optional() })
  .transform((bridge) => ({
    untagged: bridge.untagged ?? DEFAULT_UNTAGGED,
    vlans: vlansOf(bridge.vlan ?? {}),
  }))
export type BridgeConfig = z.infer<typeof bridgeConfig>

export const noBridge: BridgeConfig = { untagged: DEFAULT_UNTAGGED, vlans: [] }

/** What a revision makes of a port. One that is in no bridge carries nothing. */
export function configuredPort(
  config: InterfaceConfigs[string] | undefined,
  bridge: BridgeConfig,
): PortState {
  const enabled = !isDown(config)
  const port = config?.bridge?.domain?.[BRIDGE]
  if (!port) return { mode: 'access', untagged: null, tagged: [], enabled }
  if (port.access !== undefined) return { mode: 'access', untagged: port.access, tagged: [], enabled }
  const own = port.untagged ?? bridge.untagged
  const native = own === 'none' ? null : own
  const all = port.vlan === undefined || 'all' in port.vlan ? bridge.vlans : vlansOf(port.vlan)
  return { mode: 'trunk', untagged: native, tagged: all.filter((vlan) => vlan !== native), enabled }
}

export function isDown(config: InterfaceConfigs[string] | undefined): boolean {
  const state = config?.link?.state
  return typeof state === 'string' ? state === 'down' : state !== undefined && 'down' in state
}

/** Why a port of the switch is none that can be given VLANs; null if it is. */
export function notOurs(name: string, configs: InterfaceConfigs): string | null {
  const bond = Object.entries(configs).find(([, { bond: made }]) => name in (made?.member ?? {}))?.[0]
  if (bond !== undefined) return `: it is a member of ${bond}`
  const addresses = Object.keys(configs[name]?.ip?.address ?? {})
  return addresses.length > 0 ? ': it has an IP address' : null
}

function vlansOf(vlan: Record<string, unknown>): number[] {
  const found = Object.keys(vlan).flatMap((key) => parseVlanList(key) ?? [])
  return [...new Set(found)].sort((a, b) => a - b)
}
