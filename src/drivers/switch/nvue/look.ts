import { z } from 'zod'
import { noSuchPort, refused } from '../https/errors.ts'
import type { LearnedMac, PortState } from '../types.ts'
import type { NvueApi } from './api.ts'
import {
  BRIDGE,
  type BridgeConfig,
  bridgeConfig,
  configuredPort,
  interfaceConfigs,
  isDown,
  noBridge,
  notOurs,
} from './config.ts'

/** With `include` only these: the whole of it has every counter of every port. */
const kinds = z.record(z.string(), z.looseObject({ type: z.string().optional() }))

/** As the kernel's bridge has it. */
const bridgePorts = z.record(
  z.string(),
  z.looseObject({
    vlan: z.record(z.string(), z.looseObject({ 'tag-state': z.string().optional() })).optional(),
  }),
)
const macs = z.record(
  z.string(),
  z.looseObject({
    mac: z.string(),
    interface: z.string().optional(),
    vlan: z.coerce.number().int().optional(),
    'entry-type': z.string().optional(),
  }),
)

/** A port that carries no VLANs of its own has the reason in the place of its state. */
export interface Look {
  ports: ReadonlyMap<string, PortState | string>
  vlans: readonly number[]
}

const unfilled = (rev: string) => ({ rev, filled: 'false' })
const bridgePath = `/bridge/domain/${BRIDGE}`

/**
 * What the bridge really has, beside what is applied: a port whose VLANs never reached the kernel must not be taken for
 * changed. Of a port that is down only the configuration is left.
 */
export async function lookAt(api: NvueApi): Promise<Look> {
  const configs = (await api.get('/interface', unfilled('applied'), interfaceConfigs)) ?? {}
  const bridge = await api.get(bridgePath, unfilled('applied'), bridgeConfig)
  if (bridge === null) throw refused(api.address, `GET ${bridgePath}`, `it has no bridge ${BRIDGE}`)
  const all = (await api.get('/interface', { rev: 'operational', include: '/*/type' }, kinds)) ?? {}
  const bridged = (await api.get(`${bridgePath}/port`, { rev: 'operational' }, bridgePorts)) ?? {}
  const ports = new Map<string, PortState | string>()
  for (const [name, { type }] of Object.entries(all)) {
    if (type !== 'swp' && type !== 'bond') continue
    const config = configs[name]
    const state = isDown(config) ? configuredPort(config, bridge) : bridgedPort(bridged[name])
    ports.set(name, notOurs(name, configs) ?? state)
  }
  return { ports, vlans: bridge.vlans }
}

export function portOf(address: string, look: Look, port: string): PortState {
  const state = look.ports.get(port)
  if (typeof state === 'object') return state
  throw noSuchPort(address, port, state ?? '')
}

export async function readStartup(api: NvueApi, ports: readonly string[]): Promise<Map<string, PortState>> {
  const configs = (await api.get('/interface', unfilled('startup'), interfaceConfigs)) ?? {}
  const bridge: BridgeConfig = (await api.get(bridgePath, unfilled('startup'), bridgeConfig)) ?? noBridge
  return new Map(ports.map((port) => [port, configuredPort(configs[port], bridge)] as const))
}

/** Of all ports. */
export async function readMacs(api: NvueApi): Promise<LearnedMac[]> {
  const table = (await api.get(`${bridgePath}/mac-table`, { rev: 'operational' }, macs)) ?? {}
  return Object.values(table).flatMap(({ mac, interface: at, vlan, 'entry-type': type }) =>
    at !== undefined && vlan !== undefined && type !== 'permanent'
      ? [{ port: at, mac: mac.toLowerCase(), vlan }]
      : [],
  )
}

function bridgedPort(port: z.infer<typeof bridgePorts>[string] | undefined): PortState | string {
  const vlans = Object.entries(port?.vlan ?? {}).map(([vlan, { 'tag-state': tag }]) => ({
    vlan: Number(vlan),
    tagged: tag === 'tagged',
  }))
  const tagged = vlans.filter((one) => one.tagged).map(({ vlan }) => vlan)
  const untagged = vlans.filter((one) => !one.tagged).map(({ vlan }) => vlan)
  if (untagged.length > 1) return `: VLANs ${untagged.join(' and ')} leave it without a tag`
  const mode = tagged.length > 0 ? 'trunk' : 'access'
  return { mode, untagged: untagged[0] ?? null, tagged: tagged.sort((a, b) => a - b), enabled: true }
}
