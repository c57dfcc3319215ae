import type { Cloud } from '../cloud.ts'
import { find, vpcOf } from '../find.ts'
import type { Nic, Vm } from '../state.ts'
import { tagViews } from './tags.ts'
import { inDomain, inZone } from './zones.ts'

/** A VM as listVirtualMachines and the results of jobs tell it. */
export function vmView(cloud: Cloud, vm: Vm): Record<string, unknown> {
  const { state } = cloud
  const offering = find(state.serviceOfferings, vm.offeringId)
  const template = find(state.templates, vm.templateId)
  const host = state.hosts.find(({ id }) => id === vm.hostId)
  return {
    id: vm.id,
    name: vm.name,
    displayname: vm.displayName,
    ...inDomain(state),
    userid: state.user.id,
    username: state.user.name,
    created: vm.created,
    state: vm.state,
    haenable: false,
    ...inZone(state),
    ...(host === undefined ? {} : { hostid: host.id, hostname: host.name }),
    templateid: template.id,
    templatename: template.name,
    templatedisplaytext: template.displayText,
    templatetype: 'USER',
    templateformat: template.format,
    passwordenabled: template.passwordEnabled,
    serviceofferingid: offering.id,
    serviceofferingname: offering.name,
    cpunumber: offering.cpuNumber,
    cpuspeed: offering.cpuSpeed,
    memory: offering.memoryMib,
    guestosid: template.id,
    rootdeviceid: 0,
    securitygroup: [],
    nic: vm.nics.map((nic) => nicView(cloud, vm, nic)),
    hypervisor: 'External',
    instancename: vm.instanceName,
    details: vm.details,
    affinitygroup: [],
    displayvm: true,
    isdynamicallyscalable: false,
    ostypeid: template.id,
    osdisplayname: 'Other Linux (64-bit)',
    tags: tagViews(cloud, 'UserVm', vm),
    ...(vm.group === undefined ? {} : { group: vm.group }),
    arch: template.arch,
    ...(vm.keyPairs.length === 0 ? {} : { keypairs: vm.keyPairs.join(',') }),
  }
}

export function nicView(cloud: Cloud, vm: Vm, nic: Nic): Record<string, unknown> {
  const network = find(cloud.state.networks, nic.networkId)
  const vpc = vpcOf(cloud, network)
  const uri = network.vlan === null ? {} : { broadcasturi: `vlan://${network.vlan}` }
  return {
    id: nic.id,
    networkid: network.id,
    networkname: network.name,
    ...(vpc === null ? {} : { vpcid: vpc.id, vpcname: vpc.name }),
    ...(nic.ip === null ? {} : { ipaddress: nic.ip, netmask: network.netmask, gateway: network.gateway }),
    ...(nic.ip6 === undefined
      ? {}
      : { ip6address: nic.ip6, ip6cidr: network.ip6?.cidr, ip6gateway: network.ip6?.gateway }),
    ...uri,
    ...(network.vlan === null ? {} : { isolationuri: `vlan://${network.vlan}`, vlanid: network.vlan }),
    traffictype: 'Guest',
    type: network.guestType,
    isdefault: nic.isDefault,
    macaddress: nic.mac,
    deviceid: String(nic.deviceId),
    virtualmachineid: vm.id,
    secondaryip: [],
    extradhcpoption: [],
  }
}
