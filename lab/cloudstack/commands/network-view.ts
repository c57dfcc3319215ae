import type { Cloud } from '../cloud.ts'
import { find, vpcOf } from '../find.ts'
import type { Network, NetworkOffering } from '../state.ts'
import { tagViews } from './tags.ts'
import { inDomain, inZone } from './zones.ts'

/** Of every account. */
export const NETWORK_DOMAIN = 'lab.internal'

interface Service {
  name: string
  capability: unknown[]
  provider?: { name: string }[]
}

export function offeringView({
  id,
  name,
  guestType,
  specifyVlan,
  providers,
  enabled,
  forVpc = false,
  dualStack = false,
}: NetworkOffering): Record<string, unknown> {
  return {
    id,
    name,
    displaytext: name,
    traffictype: 'Guest',
    isdefault: true,
    specifyvlan: specifyVlan,
    conservemode: true,
    specifyipranges: guestType === 'Shared',
    availability: 'Optional',
    networkrate: 200,
    state: enabled === false ? 'Disabled' : 'Enabled',
    guestiptype: guestType,
    serviceofferingid: '',
    service: servicesOf({ guestType, forVpc, ...(providers && { providers }) }),
    forvpc: forVpc,
    internetprotocol: dualStack ? 'DualStack' : 'IPv4',
    ispersistent: false,
    egressdefaultpolicy: true,
  }
}

/** As listNetworkOfferings and listNetworks tell them. */
function servicesOf({
  guestType,
  providers,
  forVpc,
}: Pick<NetworkOffering, 'guestType' | 'providers' | 'forVpc'>): Service[] {
  if (providers !== undefined)
    return Object.entries(providers).map(([service, provider]) => ({
      ...{ name: service, capability: [] },
      provider: [{ name: provider }],
    }))
  const names = guestType === 'L2' ? [] : ['Dhcp', 'Dns', 'UserData']
  const more =
    guestType === 'Isolated' ? ['SourceNat', forVpc ? 'NetworkACL' : 'Firewall', 'PortForwarding'] : []
  return [...names, ...more].map((service) => ({ name: service, capability: [] }))
}

export function networkView(cloud: Cloud, network: Network): Record<string, unknown> {
  const { state } = cloud
  const offering = find(state.networkOfferings, network.offeringId)
  const vpc = vpcOf(cloud, network)
  return {
    id: network.id,
    name: network.name,
    displaytext: network.displayText,
    broadcastdomaintype: 'Vlan',
    traffictype: 'Guest',
    ...(network.cidr === null
      ? {}
      : { cidr: network.cidr, gateway: network.gateway, netmask: network.netmask, dns1: '127.0.0.53' }),
    ...(network.ip6 === undefined ? {} : { ip6cidr: network.ip6.cidr, ip6gateway: network.ip6.gateway }),
    ...inZone(state),
    networkofferingid: offering.id,
    networkofferingname: offering.name,
    networkofferingdisplaytext: offering.name,
    networkofferingconservemode: true,
    networkofferingavailability: 'Optional',
    issystem: false,
    state: network.vlan === null ? 'Allocated' : offering.specifyVlan ? 'Setup' : 'Implemented',
    related: network.id,
    ...(network.vlan === null ? {} : { broadcasturi: `vlan://${network.vlan}`, vlan: String(network.vlan) }),
    type: network.guestType,
    acltype: 'Account',
    ...inDomain(state),
    service: servicesOf(offering),
    networkdomain: vpc?.networkDomain ?? NETWORK_DOMAIN,
    ...(vpc === null ? {} : { vpcid: vpc.id, vpcname: vpc.name }),
    physicalnetworkid: state.physicalNetwork.id,
    restartrequired: false,
    specifyipranges: network.guestType === 'Shared',
    canusefordeploy: true,
    ispersistent: false,
    tags: tagViews(cloud, 'Network', network),
    details: {},
    strechedl2subnet: false,
    redundantrouter: false,
    created: network.created,
  }
}
