import { factoryPort, HIGHEST_VLAN, type SwitchportConfig } from '../switchport/config.ts'
import { at, isTree, type Tree } from './tree.ts'

const BRIDGE = ['bridge', 'domain', 'br_default'] as const

/** No VLAN: a trunk that drops untagged frames. */
const NONE = 0

/** What a configuration makes of the ports, in the shape that frames meet. */
export function meaningOf(tree: Tree, ports: readonly string[]): SwitchportConfig {
  const bridge = at(tree, BRIDGE)
  const own = isTree(bridge) ? bridge : {}
  const vlans = keysOf(own.vlan)
  const config: SwitchportConfig = {
    ports: new Map(),
    vlans: new Map([1, ...vlans].map((vlan) => [vlan, { name: `vlan${vlan}` }])),
  }
  for (const name of ports) {
    const port = { ...factoryPort(), switchport: false, allowed: new Set<number>() }
    config.ports.set(name, port)
    const state = at(tree, ['interface', name, 'link', 'state'])
    port.shutdown = isTree(state) && 'down' in state
    const member = at(tree, ['interface', name, ...BRIDGE])
    if (!isTree(member)) continue
    port.switchport = true
    if (typeof member.access === 'number') {
      port.access = member.access
      continue
    }
    port.mode = 'trunk'
    const untagged = member.untagged ?? own.untagged ?? 1
    port.native = typeof untagged === 'number' ? untagged : NONE
    const listed = member.vlan === undefined ? vlans : keysOf(member.vlan)
    port.allowed = new Set([...listed, ...(port.native === NONE ? [] : [port.native])])
  }
  return config
}

/** Why NVUE would call a configuration invalid, by place; null if it would not. */
export function invalid(
  tree: Tree,
  ports: readonly string[],
  reserved: ReadonlySet<number>,
): { location: string; reason: string } | null {
  const interfaces = at(tree, ['interface'])
  for (const [name, config] of Object.entries(isTree(interfaces) ? interfaces : {})) {
    if (!ports.includes(name)) return { location: `interface.${name}`, reason: 'Interface does not exist.' }
    const member = isTree(config) ? at(config, BRIDGE) : null
    if (!isTree(member)) continue
    const location = `interface.${name}.bridge.domain.br_default`
    if (member.access !== undefined && (member.vlan !== undefined || member.untagged !== undefined)) {
      return { location, reason: 'access excludes untagged and vlan.' }
    }
  }
  for (const vlan of keysOf(at(tree, [...BRIDGE, 'vlan']))) {
    const location = `bridge.domain.br_default.vlan.${vlan}`
    if (vlan < 1 || vlan > HIGHEST_VLAN) return { location, reason: `VLAN ${vlan} is not in 1-4094.` }
    if (reserved.has(vlan)) return { location, reason: `VLAN ${vlan} is in the reserved range.` }
  }
  return null
}

function keysOf(value: unknown): number[] {
  return isTree(value) ? Object.keys(value).map(Number) : []
}
