import { FACTORY_VLAN, factoryPort, type PortConfig, type SwitchportConfig } from './config.ts'
import { showVlanList } from './vlan-list.ts'

/** A configuration as EOS and NX-OS print it: what is as from the factory is left out. `indent` is theirs. */
export function configText(config: SwitchportConfig, indent: string): string {
  const lines: string[] = []
  for (const [id, { name }] of [...config.vlans].sort(([a], [b]) => a - b)) {
    if (id === FACTORY_VLAN) continue
    lines.push(`vlan ${id}`, `${indent}name ${name}`, '!')
  }
  for (const [name, port] of config.ports) {
    lines.push(`interface ${name}`, ...portLines(port).map((line) => `${indent}${line}`), '!')
  }
  return `${lines.join('\n')}\n`
}

function portLines(port: PortConfig): string[] {
  const factory = factoryPort()
  const lines: string[] = []
  if (port.description !== null) lines.push(`description ${port.description}`)
  if (port.shutdown) lines.push('shutdown')
  if (!port.switchport) return [...lines, 'no switchport']
  if (port.access !== factory.access) lines.push(`switchport access vlan ${port.access}`)
  if (port.native !== factory.native) lines.push(`switchport trunk native vlan ${port.native}`)
  if (port.allowed.size !== factory.allowed.size) {
    lines.push(`switchport trunk allowed vlan ${showVlanList(port.allowed)}`)
  }
  if (port.mode !== factory.mode) lines.push(`switchport mode ${port.mode}`)
  if (port.channel) lines.push(`channel-group ${port.channel.group} mode ${port.channel.mode}`)
  if (port.fallback) lines.push(`port-channel lacp fallback ${port.fallback}`)
  return lines
}
