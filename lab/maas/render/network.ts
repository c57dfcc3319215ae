import type { Fabric, Iface, IpRange, Link, Node, Subnet, Vlan } from '../model.ts'
import type { Region } from '../region.ts'

export const API = '/MAAS/api/2.0'

export function renderVlan(region: Region, vlan: Vlan) {
  return {
    vid: vlan.vid,
    mtu: vlan.mtu,
    dhcp_on: vlan.dhcpOn,
    external_dhcp: null,
    relay_vlan: null,
    name: vlan.name,
    id: vlan.id,
    fabric: region.state.fabrics.find((fabric) => fabric.id === vlan.fabric)?.name ?? '',
    secondary_rack: null,
    primary_rack: vlan.primaryRack,
    fabric_id: vlan.fabric,
    space: 'undefined',
    resource_uri: `${API}/vlans/${vlan.id}/`,
  }
}

export function renderFabric(region: Region, fabric: Fabric) {
  return {
    class_type: null,
    name: fabric.name,
    id: fabric.id,
    vlans: region.state.vlans
      .filter((vlan) => vlan.fabric === fabric.id)
      .map((vlan) => renderVlan(region, vlan)),
    resource_uri: `${API}/fabrics/${fabric.id}/`,
  }
}

export function renderSubnet(region: Region, subnet: Subnet) {
  return {
    name: subnet.name,
    description: '',
    vlan: vlanById(region, subnet.vlan),
    cidr: subnet.cidr,
    rdns_mode: 2,
    gateway_ip: subnet.gateway,
    dns_servers: subnet.dns,
    allow_dns: true,
    allow_proxy: true,
    active_discovery: false,
    managed: subnet.managed,
    disabled_boot_architectures: [],
    id: subnet.id,
    space: 'undefined',
    resource_uri: `${API}/subnets/${subnet.id}/`,
  }
}

export function renderIpRange(region: Region, range: IpRange) {
  const subnet = region.state.subnets.find((one) => one.id === range.subnet)
  return {
    subnet: subnet === undefined ? null : renderSubnet(region, subnet),
    type: range.type,
    start_ip: range.start,
    end_ip: range.end,
    user: null,
    comment: range.comment,
    id: range.id,
    resource_uri: `${API}/ipranges/${range.id}/`,
  }
}

export function renderInterface(region: Region, node: Node, iface: Iface) {
  const name = (id: number): string => node.interfaces.find((one) => one.id === id)?.name ?? ''
  const physical = iface.type === 'physical'
  return {
    system_id: node.systemId,
    effective_mtu: iface.mtu,
    interface_speed: iface.speed,
    children: node.interfaces.filter((one) => one.parents.includes(iface.id)).map((one) => one.name),
    link_speed: iface.linkConnected ? iface.speed : 0,
    vlan: iface.vlan === null ? null : vlanById(region, iface.vlan),
    firmware_version: iface.firmware,
    params: iface.params,
    type: iface.type,
    links: iface.links.map((link) => renderLink(region, link)),
    name: iface.name,
    sriov_max_vf: 0,
    id: iface.id,
    parents: iface.parents.map(name),
    discovered: null,
    numa_node: physical ? 0 : null,
    mac_address: iface.mac,
    vendor: iface.vendor,
    tags: iface.tags,
    product: iface.product,
    link_connected: iface.linkConnected,
    enabled: true,
    resource_uri: `${API}/nodes/${node.systemId}/interfaces/${iface.id}/`,
  }
}

function renderLink(region: Region, link: Link) {
  const subnet = region.state.subnets.find((one) => one.id === link.subnet)
  return {
    id: link.id,
    mode: link.mode,
    ...(link.ip === null ? {} : { ip_address: link.ip }),
    ...(subnet === undefined ? {} : { subnet: renderSubnet(region, subnet) }),
  }
}

function vlanById(region: Region, id: number) {
  const vlan = region.state.vlans.find((one) => one.id === id)
  return vlan === undefined ? null : renderVlan(region, vlan)
}
