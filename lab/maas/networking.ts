import { PXE_SUBNET, PXE_VLAN } from './initial-state.ts'
import type { Iface, Link, Node, Subnet, Vlan } from './model.ts'
import type { Region } from './region.ts'

export function addLink(
  region: Region,
  iface: Iface,
  mode: Link['mode'],
  subnet: number | null,
  ip: string | null = null,
): Link {
  const link: Link = { id: region.nextId('link'), mode, subnet, ip }
  iface.links.push(link)
  return link
}

/** A new physical interface as MAAS records it before commissioning. */
export function newInterface(region: Region, name: string, type: Iface['type'], mac: string): Iface {
  return {
    id: region.nextId('interface'),
    name,
    type,
    mac,
    vlan: null,
    parents: [],
    links: [],
    params: {},
    tags: [],
    mtu: 1500,
    linkConnected: type === 'physical',
    speed: 0,
    vendor: null,
    product: null,
    firmware: null,
  }
}

/** Start of commissioning: all links go, at once and for good. */
export function clearLinks(node: Node): void {
  for (const iface of node.interfaces) iface.links = []
}

/**
 * What commissioning sets up (maasserver/models/node.py, set_initial_networking_configuration): only physical
 * interfaces; the boot NIC on the PXE subnet with an automatic address, every other one on a fabric of its own.
 */
export function defaultNetworking(region: Region, node: Node): void {
  node.interfaces = node.interfaces.filter((iface) => iface.type === 'physical')
  for (const iface of node.interfaces) {
    iface.links = []
    if (iface.id === node.bootInterface) {
      iface.vlan = PXE_VLAN
      addLink(region, iface, 'auto', PXE_SUBNET)
      continue
    }
    if (!iface.linkConnected) continue
    iface.vlan ??= ownFabric(region).id
    addLink(region, iface, 'link_up', null)
  }
}

function ownFabric(region: Region): Vlan {
  const id = region.nextId('fabric')
  region.state.fabrics.push({ id, name: `fabric-${id}` })
  const vlan: Vlan = {
    id: region.nextId('vlan'),
    vid: 0,
    name: 'untagged',
    fabric: id,
    mtu: 1500,
    dhcpOn: false,
    primaryRack: null,
  }
  region.state.vlans.push(vlan)
  return vlan
}

/** Deploy gives every AUTO link a free address; false if a subnet has none left. */
export function assignAddresses(region: Region, node: Node): boolean {
  for (const link of node.interfaces.flatMap((iface) => iface.links)) {
    if (link.mode !== 'auto' || link.ip !== null) continue
    const subnet = region.state.subnets.find((one) => one.id === link.subnet)
    const ip = subnet === undefined ? undefined : freeAddress(region, subnet)
    if (ip === undefined) return false
    link.ip = ip
  }
  return true
}

export function freeAddresses(node: Node): void {
  for (const link of node.interfaces.flatMap((iface) => iface.links)) if (link.mode === 'auto') link.ip = null
}

function freeAddress(region: Region, subnet: Subnet): string | undefined {
  const taken = new Set(usedAddresses(region, subnet))
  return unreserved(region, subnet).find((ip) => !taken.has(ip))
}

/** Addresses that interfaces hold in the subnet now. */
export function usedAddresses(region: Region, subnet: Subnet): string[] {
  const links = region.state.nodes.flatMap((node) => node.interfaces).flatMap((iface) => iface.links)
  return links.flatMap((link) => (link.subnet === subnet.id && link.ip !== null ? [link.ip] : []))
}

/** Hosts of the subnet outside of gateway, DNS servers and ranges. */
export function unreserved(region: Region, subnet: Subnet): string[] {
  const fixed = new Set([subnet.gateway, ...subnet.dns])
  const ranges = region.state.ipRanges.filter((range) => range.subnet === subnet.id)
  return hosts(subnet.cidr).filter(
    (ip) =>
      !fixed.has(ip) &&
      !ranges.some((range) => toNumber(range.start) <= toNumber(ip) && toNumber(ip) <= toNumber(range.end)),
  )
}

export function hosts(cidr: string): string[] {
  const [base = '0.0.0.0', bits = '24'] = cidr.split('/')
  const count = 2 ** (32 - Number(bits))
  return Array.from({ length: count - 2 }, (_, index) => toText(toNumber(base) + 1 + index))
}

export function toNumber(ip: string): number {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

export function toText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}
