import type { AnnouncedMac } from '../../announced-macs.ts'
import type { PortConfig, SwitchportConfig } from '../switchport/config.ts'
import { configText } from '../switchport/config-text.ts'
import { showVlanList } from '../switchport/vlan-list.ts'

/** NX-OS writes a table of one row as that row, and one of none as an empty text. */
function table(name: string, rows: readonly unknown[]): unknown {
  if (rows.length === 0) return ''
  return { [`TABLE_${name}`]: { [`ROW_${name}`]: rows.length === 1 ? rows[0] : rows } }
}

export function showConfig(config: SwitchportConfig): string {
  return `\n!Command: show startup-config\nversion 10.3(3) Bios:version\n\n${configText(config, '  ')}`
}

export function showSwitchport(config: SwitchportConfig): unknown {
  const nameOf = (vlan: number) => config.vlans.get(vlan)?.name ?? 'Vlan not created'
  const row = ([name, port]: [string, PortConfig]) => ({
    interface: name,
    switchport: port.switchport ? 'Enabled' : 'Disabled',
    ...(port.switchport
      ? {
          switchport_monitor: 'Not enabled',
          oper_mode: port.mode,
          access_vlan: port.access,
          access_vlan_name: nameOf(port.access),
          native_vlan: port.native,
          native_vlan_name: nameOf(port.native),
          trunk_vlans: port.allowed.size === 4094 ? '1-4094' : showVlanList(port.allowed),
          voice_vlan: 'none',
        }
      : {}),
  })
  return table('interface', [...config.ports].map(row))
}

export function showBrief(config: SwitchportConfig): unknown {
  const row = ([name, port]: [string, PortConfig]) => ({
    interface: name,
    vlan: port.mode === 'access' ? String(port.access) : '1',
    type: 'eth',
    portmode: port.switchport ? port.mode : 'routed',
    state: port.shutdown ? 'down' : 'up',
    state_rsn_desc: port.shutdown ? 'Administratively down' : 'none',
    speed: '10G',
    ratemode: 'D',
  })
  const management = { interface: 'mgmt0', state: 'up', ip_addr: '10.0.0.6', speed: '1000', mtu: '1500' }
  return table('interface', [management, ...[...config.ports].map(row)])
}

export function showVlanBrief(config: SwitchportConfig): unknown {
  const rows = [...config.vlans]
    .sort(([a], [b]) => a - b)
    .map(([id, { name }]) => ({
      'vlanshowbr-vlanid': String(id << 24),
      'vlanshowbr-vlanid-utf': String(id),
      'vlanshowbr-vlanname': name,
      'vlanshowbr-vlanstate': 'active',
      'vlanshowbr-shutstate': 'noshutdown',
    }))
  return table('vlanbriefxbrief', rows)
}

export function showMacs(
  ports: readonly string[],
  learned: (port: string) => readonly { mac: string; vlan: number }[],
): unknown {
  const rows = ports.flatMap((port) =>
    learned(port).map(({ mac, vlan }) => ({
      disp_mac_addr: (mac.replaceAll(':', '').match(/.{4}/g) ?? []).join('.'),
      disp_type: '* ',
      disp_vlan: String(vlan),
      disp_is_static: 'disabled',
      disp_age: '0',
      disp_port: port,
    })),
  )
  return table('mac_address', rows)
}

export function showNeighbours(announced: readonly AnnouncedMac[]): unknown {
  const dotted = (mac: string) => (mac.replaceAll(':', '').match(/.{4}/g) ?? []).join('.')
  const rows = announced.map(({ port, mac, ttl }) => ({
    chassis_type: '4',
    chassis_id: dotted(mac),
    l_port_id: port.replace('Ethernet', 'Eth'),
    port_type: '3',
    port_id: dotted(mac),
    port_desc: 'null',
    sys_name: 'null',
    ttl: String(ttl),
  }))
  return table('nbor_detail', rows)
}
