import type { SwitchConfig } from './config.ts'
import { DEFAULT_VLAN, members, sortedVlans } from './config.ts'
import type { PortType } from './port-name.ts'
import { comparePorts, longName, longType, PORT_TYPES } from './port-name.ts'
import { formatPorts } from './ranges.ts'

/** Configuration as OS9 prints it, one line per element of the array. */

export function portText(config: SwitchConfig, name: string): string[] {
  const port = config.ports.get(name)
  if (port === undefined) return []
  return [
    `interface ${longName(port.type, name)}`,
    ...(port.description === null ? [] : [` description ${port.description}`]),
    ' no ip address',
    ...(port.hybrid ? [' portmode hybrid'] : []),
    ...(port.switchport ? [' switchport'] : []),
    // as OS9 prints it, the sign that elsewhere ends a section included
    ...(port.channel === undefined
      ? []
      : ['!', ' port-channel-protocol LACP', `  port-channel ${port.channel} mode active`]),
    port.shutdown ? ' shutdown' : ' no shutdown',
    '!',
  ]
}

export function vlanText(config: SwitchConfig, id: number): string[] {
  const vlan = config.vlans.get(id)
  if (vlan === undefined) return []
  const { untagged, tagged } = members(config, id)
  return [
    `interface Vlan ${id}`,
    ...(vlan.description === null ? [] : [` description ${vlan.description}`]),
    ' no ip address',
    // OS9 does not write the members that the default VLAN has only for want of another.
    ...(id === DEFAULT_VLAN ? [] : memberLines(config, 'tagged', tagged)),
    ...(id === DEFAULT_VLAN ? [] : memberLines(config, 'untagged', untagged)),
    vlan.shutdown ? ' shutdown' : ' no shutdown',
    '!',
  ]
}

export function wholeText(config: SwitchConfig, hostname: string): string[] {
  return [
    '! Version 9.14(2.4)',
    '!',
    `hostname ${hostname}`,
    '!',
    'protocol lldp',
    '!',
    ...[...config.ports.keys()].sort(comparePorts).flatMap((name) => portText(config, name)),
    ...sortedVlans(config).flatMap((id) => vlanText(config, id)),
    'end',
  ]
}

/** Ports by type, in OS9's order of types. */
export function byType(config: SwitchConfig, ports: readonly string[]): [PortType, string[]][] {
  return PORT_TYPES.map((type): [PortType, string[]] => [
    type,
    ports.filter((port) => config.ports.get(port)?.type === type),
  ]).filter(([, list]) => list.length > 0)
}

function memberLines(config: SwitchConfig, word: string, ports: readonly string[]): string[] {
  return byType(config, ports).map(([type, list]) => ` ${word} ${longType(type)} ${formatPorts(list)}`)
}
