import { eui64 } from '../../world/ip6.ts'
import { ApiError, NO_CAPACITY } from '../api/api-error.ts'
import type { Cloud } from '../cloud.ts'
import { find, vpcOf } from '../find.ts'
import type { Network, Nic, Vm } from '../state.ts'
import { addressAt, parseCidr } from '../subnet.ts'
import { implementByExtension, prepareNic, releaseNic, shutdownByExtension } from './network-extension.ts'

/** A NIC's address and MAC are allocated with the VM, long before its network has a VLAN. */
export function allocateNic(
  cloud: Cloud,
  network: Network,
  asked: { ip?: string | undefined; mac?: string | undefined },
  place: { deviceId: number; isDefault: boolean },
): Nic {
  const mac = asked.mac?.toLowerCase() ?? nextMac(network)
  return {
    id: cloud.newId(),
    networkId: network.id,
    mac,
    ip: network.cidr === null ? null : (asked.ip ?? nextAddress(cloud, network)),
    ...(network.ip6 === undefined ? {} : { ip6: eui64(network.ip6.cidr, mac) }),
    ...place,
  }
}

/** 02:01, the network's number, a number in the network (NetUtils.createSequenceBasedMacAddress). */
function nextMac(network: Network): string {
  network.macs += 1
  const { number, macs } = network
  const bytes = [0x02, 0x01, number >> 8, number & 0xff, macs >> 8, macs & 0xff]
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

/** After the network's own and the gateway's; not the broadcast address. */
function nextAddress({ state }: Cloud, network: Network): string {
  const { first, size } = parseCidr(network.cidr ?? '')
  const taken = new Set([
    network.gateway,
    ...state.vms.flatMap(({ nics }) => nics.map((nic) => (nic.networkId === network.id ? nic.ip : null))),
  ])
  for (let tried = 0; tried < size - 3; tried += 1) {
    network.addresses = (network.addresses % (size - 3)) + 1
    const address = addressAt(first + 1 + network.addresses)
    if (!taken.has(address)) return address
  }
  throw new ApiError(NO_CAPACITY, `Unable to acquire Guest IP address for network ${network.name}`)
}

/**
 * The network gets a VLAN and its virtual router, which answers the MACs of this VM's NICs there and no others; an
 * extension that provides a service of it hears of both.
 * @returns null: all is well
 */
export async function implementNetworks(cloud: Cloud, vm: Vm): Promise<string | null> {
  for (const nic of vm.nics) {
    const network = find(cloud.state.networks, nic.networkId)
    const isNew = network.vlan === null || network.device === undefined
    network.vlan ??= freeVlan(cloud, network)
    cloud.touch()
    if (isNew) await implementByExtension(cloud, network)
    serve(cloud, network)
    if (nic.ip !== null) reserve(cloud, network.vlan, vm, { ...nic, ip: nic.ip })
    const fault = await prepareNic(cloud, vm, nic)
    if (fault !== null) return fault
  }
  cloud.touch()
  return null
}

/** A password goes to the router of the default network alone (CommandSetupHelper.createPasswordCommand). */
function reserve(cloud: Cloud, vlan: number, vm: Vm, nic: Nic & { ip: string }): void {
  const { name: hostname, userData, sshKeys, id: instanceId } = vm
  const password = nic.isDefault ? vm.password : undefined
  const { mac, ip } = nic
  cloud.routers.reserve(vlan, { mac, ip, hostname, userData, sshKeys, instanceId, password })
}

/** The lowest VLAN that is free: so that one that was given back soon belongs to somebody else. */
function freeVlan({ state, routers }: Cloud, network: Network): number {
  const { from, to } = state.physicalNetwork.vlans
  const taken = new Set([
    ...state.networks.map(({ vlan }) => vlan),
    ...routers.networks().map(({ vlan }) => vlan),
  ])
  for (let vlan = from; vlan <= to; vlan += 1) if (!taken.has(vlan)) return vlan
  throw new ApiError(
    NO_CAPACITY,
    `Unable to allocate vnet for network ${network.name}: none of ${from}-${to} is free`,
  )
}

/** Layer 2 alone has no router, and a VPC one for all of its tiers. */
function serve(cloud: Cloud, network: Network): void {
  const { routers } = cloud
  const { cidr, gateway, vlan, name } = network
  if (cidr === null || gateway === null || vlan === null) return
  const there = routers.networks().some((one) => one.vlan === vlan)
  if (there) return
  const router = vpcOf(cloud, network)?.name ?? name
  routers.addNetwork({ vlan, cidr, gateway, name, router, ip6: advertised(network, router) })
}

/** An isolated network's own router advertises its prefix; in a shared one the virtual router is none for IPv6. */
function advertised({ ip6, guestType, name }: Network, router: string) {
  if (ip6 === undefined) return undefined
  return { cidr: ip6.cidr, router: guestType === 'Shared' ? `upstream-${name}` : `router-${router}` }
}

/** The router answers these NICs no more. */
export function releaseNics(cloud: Cloud, nics: readonly Nic[]): void {
  for (const nic of nics) {
    const { vlan } = find(cloud.state.networks, nic.networkId)
    const known = cloud.routers.networks().find((one) => one.vlan === vlan)
    if (vlan !== null && known?.nics.some(({ mac }) => mac === nic.mac)) cloud.routers.release(vlan, nic.mac)
  }
  cloud.touch()
}

/** The extension that has a network hears of each NIC that a VM gives back with a stop. */
export async function releaseToExtensions(cloud: Cloud, nics: readonly Nic[]): Promise<void> {
  for (const nic of nics) await releaseNic(cloud, nic)
}

/** A network in which no VM runs loses its VLAN after a while, if that is not its own, whatever the last stop came to. */
export function collectLater(cloud: Cloud, vm: { nics: readonly Pick<Nic, 'networkId'>[] }): void {
  for (const nic of vm.nics) {
    const network = find(cloud.state.networks, nic.networkId)
    if (!isBorrowed(cloud, network)) continue
    cloud
      .sleep(cloud.dials.networkGcMs)
      .then(async () => {
        if (!cloud.state.networks.includes(network) || isInUse(cloud, network)) return
        await shutdownByExtension(cloud, network)
        if (!isInUse(cloud, network)) shutDown(cloud, network)
      })
      .catch(() => {})
  }
}

/** Its VLAN comes from the range, and goes back there. */
function isBorrowed({ state }: Cloud, network: Network): boolean {
  return !find(state.networkOfferings, network.offeringId).specifyVlan
}

export function isInUse({ state }: Cloud, network: Network): boolean {
  return state.vms.some(
    ({ state: vmState, nics }) =>
      (vmState === 'Starting' || vmState === 'Running' || vmState === 'Stopping') &&
      nics.some((nic) => nic.networkId === network.id),
  )
}

/** The VLAN is free for others from now on. */
export function shutDown(cloud: Cloud, network: Network): void {
  const { vlan } = network
  if (vlan === null) return
  if (cloud.routers.networks().some((one) => one.vlan === vlan)) cloud.routers.removeNetwork(vlan)
  if (isBorrowed(cloud, network)) network.vlan = null
  cloud.touch()
}
