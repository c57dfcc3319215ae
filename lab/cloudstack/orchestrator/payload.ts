import type { Cloud } from '../cloud.ts'
import { clusterOf, extensionOf, find, hostOf, vpcOf } from '../find.ts'
import type { CustomAction, Details, Network, Nic, Vm } from '../state.ts'

/** What extensions are asked to do with a VM, beside custom actions. */
export type VmAction = 'prepare' | 'create' | 'start' | 'stop' | 'reboot' | 'delete' | 'status' | 'getconsole'

export interface CustomCall {
  action: CustomAction
  parameters: Record<string, unknown>
}

/**
 * The payload file of a call, as recorded from a CloudStack 4.22 (test/fixtures/cloudstack): which parts an action has
 * differs, and NICs come in prepare, create, start and reboot alone.
 */
export function payloadOf(cloud: Cloud, vm: Vm, action: VmAction | CustomCall): Record<string, unknown> {
  const custom = typeof action === 'string' ? null : action
  const kind = typeof action === 'string' ? action : 'custom'
  return {
    caller: caller(cloud, kind === 'status'),
    virtualmachineid: vm.id,
    'cloudstack.vm.details': machine(cloud, vm, kind),
    ...(custom === null ? {} : { action: custom.action.name }),
    virtualmachinename: vm.instanceName,
    ...(custom === null ? {} : { parameters: custom.parameters }),
    externaldetails: external(cloud, vm, kind, custom?.action ?? null),
  }
}

function caller({ state }: Cloud, system: boolean): unknown {
  return {
    roleid: state.role.id,
    rolename: state.role.name,
    name: system ? 'system' : state.account.name,
    roletype: 'Admin',
    id: system ? state.domain.id : state.account.id,
    type: 'ADMIN',
  }
}

function machine(cloud: Cloud, vm: Vm, kind: string): Record<string, unknown> {
  const offering = find(cloud.state.serviceOfferings, vm.offeringId)
  const template = find(cloud.state.templates, vm.templateId)
  const bytes = offering.memoryMib * 2 ** 20
  const boots = kind === 'create' || kind === 'start'
  const hasNics = boots || kind === 'prepare' || kind === 'reboot'
  const nics = hasNics ? vm.nics : []
  return {
    id: vm.number,
    name: vm.instanceName,
    state: vm.state,
    type: 'User',
    cpus: offering.cpuNumber,
    minSpeed: offering.cpuSpeed,
    maxSpeed: offering.cpuSpeed,
    minRam: bytes,
    maxRam: bytes,
    arch: template.arch,
    bootArgs: '',
    enableHA: false,
    limitCpuUse: false,
    enableDynamicallyScaleVm: false,
    vncPassword: vm.vncPassword,
    details: {
      ...(vm.deployVm && (kind === 'prepare' || kind === 'create') ? { deployvm: 'true' } : {}),
      ...vm.details,
      ...(kind === 'delete' ? { 'expunge.external.vm': 'true' } : {}),
    },
    uuid: vm.id,
    enterHardwareSetup: false,
    disks: boots ? [noDisc()] : [],
    nics: nics.map((nic) => nicOf(cloud, nic, kind)),
    configDriveLocation: 'SECONDARY',
    ...(kind === 'stop' ? {} : { guestOsDetails: {}, extraConfig: {} }),
    ...(kind === 'stop' ? {} : { networkIdToNetworkNameMap: boots ? networkNames(cloud, vm) : {} }),
    ...(boots
      ? {
          metadataManufacturer: 'Apache Software Foundation',
          metadataProductName: 'CloudStack External Hypervisor',
        }
      : {}),
  }
}

/** An empty CD drive. */
function noDisc(): unknown {
  return {
    data: {
      'org.apache.cloudstack.storage.to.TemplateObjectTO': {
        id: 0,
        format: 'ISO',
        accountId: 0,
        hvm: false,
        bootable: false,
        directDownload: false,
        deployAsIs: false,
        followRedirects: false,
      },
    },
    diskSeq: 3,
    type: 'ISO',
  }
}

/** `uuid` is the network's: CloudStack has it so. The VLAN is missing as long as the network has none. */
function nicOf(cloud: Cloud, nic: Nic, kind: string): unknown {
  const network = find(cloud.state.networks, nic.networkId)
  const uri = network.vlan === null ? null : `vlan://${network.vlan}`
  const rebooting = kind === 'reboot'
  return {
    deviceId: nic.deviceId,
    ...(rebooting ? {} : { networkRateMbps: 200 }),
    defaultNic: nic.isDefault,
    pxeDisable: false,
    nicUuid: nic.id,
    details: {
      MacAddressChanges: 'true',
      PromiscuousMode: 'false',
      ForgedTransmits: 'true',
      MacLearning: 'false',
    },
    dpdkEnabled: false,
    ...(kind === 'prepare' ? { mtu: 1500 } : {}),
    networkId: network.number,
    networkSegmentName: segmentName(cloud, network),
    uuid: network.id,
    ...(nic.ip === null ? {} : { ip: nic.ip, netmask: network.netmask, gateway: network.gateway }),
    mac: nic.mac,
    ...ip6Of(network, nic),
    ...(rebooting ? {} : { dns1: '127.0.0.53' }),
    broadcastType: 'Vlan',
    type: 'Guest',
    ...(uri === null ? {} : { broadcastUri: uri, isolationUri: uri }),
    securityGroupEnabled: false,
  }
}

function ip6Of({ ip6 }: Network, nic: Nic): Record<string, unknown> {
  if (ip6 === undefined || nic.ip6 === undefined) return {}
  return { ip6address: nic.ip6, ip6gateway: ip6.gateway, ip6cidr: ip6.cidr, ip6Dns1: ZONE_IP6_DNS }
}

/** HypervisorGuruBase.getNetworkName: domain, account, zone, VPC if it is a tier, network. */
function segmentName(cloud: Cloud, network: Network): string {
  const vpc = vpcOf(cloud, network)
  return `D1-A2-Z1-${vpc === null ? '' : `V${vpc.number}-`}S${network.number}`
}

function networkNames(cloud: Cloud, vm: Vm): Details {
  const networks = vm.nics.map((nic) => find(cloud.state.networks, nic.networkId))
  return Object.fromEntries(networks.map((network) => [String(network.number), segmentName(cloud, network)]))
}

/** Without one a zone has no networks with IPv6. */
export const ZONE_IP6_DNS = '2001:db8::53'

const PREFIX = 'External:'

function external(cloud: Cloud, vm: Vm, kind: string, action: CustomAction | null): unknown {
  const extension = extensionOf(cloud, vm)
  const host = hostOf(cloud, vm)
  const own = Object.entries(vm.details).flatMap(([key, value]) =>
    key.startsWith(PREFIX) ? [[key.slice(PREFIX.length), value]] : [],
  )
  const first = vm.nics.find((nic) => nic.isDefault)
  const vlan = first === undefined ? null : find(cloud.state.networks, first.networkId).vlan
  const tellsVlan = (kind === 'create' || kind === 'start') && vlan !== null
  return {
    extension: extension.details,
    host: host?.externalDetails ?? {},
    virtualmachine: {
      ...Object.fromEntries(own),
      ...(tellsVlan ? { 'cloudstack.vlan': String(vlan) } : {}),
    },
    ...(action === null ? {} : { action: action.details }),
    resourcemap: host === null ? {} : clusterOf(cloud, host).extensionDetails,
  }
}
