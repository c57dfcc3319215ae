import { stringify } from 'yaml'
import type { Iface, Node } from './model.ts'
import type { Region } from './region.ts'

type Section = Record<string, Record<string, unknown>>

/** The `network` part of the curtin configuration, netplan version 2 (maasserver/preseed_network.py). */
export function networkConfig(region: Region, node: Node): Record<string, unknown> {
  const ethernets: Section = {}
  const bonds: Section = {}
  const vlans: Section = {}
  const bridges: Section = {}
  for (const iface of node.interfaces) {
    const common = { ...addresses(region, iface), mtu: iface.mtu }
    const parents = iface.parents.map((id) => node.interfaces.find((one) => one.id === id)?.name ?? '')
    if (iface.type === 'physical') {
      ethernets[iface.name] = { ...common, match: { macaddress: iface.mac }, 'set-name': iface.name }
    } else if (iface.type === 'bond') {
      bonds[iface.name] = {
        ...common,
        interfaces: parents,
        macaddress: iface.mac,
        parameters: bondParameters(iface),
      }
    } else if (iface.type === 'bridge') {
      bridges[iface.name] = { ...common, interfaces: parents, macaddress: iface.mac }
    } else {
      const vlan = region.state.vlans.find((one) => one.id === iface.vlan)
      vlans[iface.name] = { ...common, id: vlan?.vid ?? 0, link: parents[0] }
    }
  }
  const sections = Object.entries({ bonds, bridges, ethernets, vlans })
  return {
    ...Object.fromEntries(sections.filter(([, section]) => Object.keys(section).length > 0)),
    version: 2,
  }
}

export function netplanFile(region: Region, node: Node): string {
  return stringify({ network: networkConfig(region, node) }, { sortMapEntries: true })
}

function addresses(region: Region, iface: Iface): Record<string, unknown> {
  if (iface.links.some((link) => link.mode === 'dhcp')) return { dhcp4: true }
  const link = iface.links.find((one) => one.ip !== null)
  const subnet = region.state.subnets.find((one) => one.id === link?.subnet)
  if (link?.ip == null || subnet === undefined) return {}
  const config: Record<string, unknown> = {
    addresses: [`${link.ip}/${subnet.cidr.split('/')[1]}`],
    nameservers: { addresses: subnet.dns, search: ['maas'] },
  }
  if (subnet.gateway !== null) config.gateway4 = subnet.gateway
  return config
}

/** MAAS writes netplan's old misspelling of gratuitous-arp, which netplan still accepts. */
function bondParameters(iface: Iface): Record<string, unknown> {
  const { params } = iface
  const mode = params.bond_mode
  return {
    mode,
    'mii-monitor-interval': params.bond_miimon,
    'up-delay': params.bond_updelay,
    'down-delay': params.bond_downdelay,
    'gratuitious-arp': params.bond_num_grat_arp,
    'transmit-hash-policy': params.bond_xmit_hash_policy,
    ...(mode === '802.3ad' ? { 'lacp-rate': params.bond_lacp_rate } : {}),
  }
}
