import { failed, invalid } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import { chosen, LIST_PARAMS, listed } from '../api/command.ts'
import type { Params } from '../api/params.ts'
import type { Cloud } from '../cloud.ts'
import { find, findFor } from '../find.ts'
import { shutDown } from '../orchestrator/guest-networks.ts'
import { shutdownByExtension } from '../orchestrator/network-extension.ts'
import type { Network, NetworkOffering } from '../state.ts'
import { parseCidr } from '../subnet.ts'
import { tagViews } from './tags.ts'
import { inDomain, inZone } from './zones.ts'

/** Every isolated network has the same addresses: they are behind its own router. */
const ISOLATED_CIDR = '10.1.1.0/24'

export const networkCommands: Command[] = [
  {
    name: 'listNetworkOfferings',
    description: 'Lists all available network offerings.',
    params: { ...LIST_PARAMS, guestiptype: 'string', state: 'string', zoneid: 'uuid', traffictype: 'string' },
    run({ state }, params) {
      const kind = params.text('guestiptype')?.toLowerCase()
      const offerings = chosen(state.networkOfferings, params)
        .filter(({ guestType }) => kind === undefined || guestType.toLowerCase() === kind)
        .map(offeringView)
      return listed('networkoffering', offerings, params)
    },
  },
  {
    name: 'createNetwork',
    description: 'Creates a network',
    params: {
      name: 'string!',
      displaytext: 'string',
      zoneid: 'uuid!',
      networkofferingid: 'uuid!',
      gateway: 'string',
      netmask: 'string',
      startip: 'string',
      endip: 'string',
      vlan: 'string',
      physicalnetworkid: 'uuid',
    },
    run(cloud, params) {
      const network = newNetwork(cloud, params)
      cloud.state.networks.push(network)
      cloud.event('NETWORK.CREATE', 'Completed', {
        resourceType: 'Network',
        id: network.id,
        description: `Successfully completed creating network. Network Id: ${network.id}`,
      })
      cloud.touch()
      return { network: networkView(cloud, network) }
    },
  },
  {
    name: 'listNetworks',
    description: 'Lists all available networks.',
    params: { ...LIST_PARAMS, zoneid: 'uuid', type: 'string', networkofferingid: 'uuid' },
    run(cloud, params) {
      const type = params.text('type')?.toLowerCase()
      const networks = chosen(cloud.state.networks, params).filter(
        ({ guestType }) => type === undefined || type === 'all' || guestType.toLowerCase() === type,
      )
      return listed(
        'network',
        networks.map((one) => networkView(cloud, one)),
        params,
      )
    },
  },
  {
    name: 'updateNetwork',
    description: 'Updates a network',
    params: { id: 'uuid!', name: 'string', displaytext: 'string' },
    begin(cloud, params) {
      const network = findFor(cloud.state.networks, 'updateNetwork', 'id', params.must('id'))
      return {
        id: network.id,
        type: 'Network',
        async work() {
          network.name = params.text('name') ?? network.name
          network.displayText = params.text('displaytext') ?? network.displayText
          cloud.touch()
          return { network: networkView(cloud, network) }
        },
      }
    },
  },
  {
    name: 'deleteNetwork',
    description: 'Deletes a network',
    params: { id: 'uuid!', forced: 'boolean' },
    begin(cloud, params) {
      const network = findFor(cloud.state.networks, 'deleteNetwork', 'id', params.must('id'))
      return {
        id: network.id,
        type: 'Network',
        async work() {
          const vm = cloud.state.vms.find(({ nics }) => nics.some((nic) => nic.networkId === network.id))
          if (vm !== undefined)
            throw failed(`Failed to delete network ${network.name}: ${vm.name} has a NIC in it`)
          await shutdownByExtension(cloud, network, true)
          shutDown(cloud, network)
          cloud.state.networks = cloud.state.networks.filter(({ id }) => id !== network.id)
          cloud.touch()
          return { success: true }
        },
      }
    },
  },
  {
    name: 'listPublicIpAddresses',
    description: 'Lists all public ip addresses',
    params: { ...LIST_PARAMS, zoneid: 'uuid', associatednetworkid: 'uuid', ipaddress: 'string' },
    run({ state }, params) {
      const wanted = params.text('associatednetworkid')
      const addresses = state.networks.flatMap((network) =>
        network.publicIp === null || (wanted !== undefined && network.id !== wanted)
          ? []
          : [
              {
                id: network.id,
                ipaddress: network.publicIp,
                allocated: network.created,
                ...inZone(state),
                issourcenat: true,
                isstaticnat: false,
                ...inDomain(state),
                forvirtualnetwork: true,
                associatednetworkid: network.id,
                associatednetworkname: network.name,
                state: 'Allocated',
                issystem: false,
                tags: [],
              },
            ],
      )
      return listed('publicipaddress', addresses, params)
    },
  },
]

function newNetwork(cloud: Cloud, params: Params): Network {
  const { state } = cloud
  findFor([state.zone], 'createNetwork', 'zoneid', params.must('zoneid'))
  const offering = findFor(
    state.networkOfferings,
    'createNetwork',
    'networkofferingid',
    params.must('networkofferingid'),
  )
  const number = state.numbers.network
  const network: Network = {
    id: cloud.newId(),
    name: params.must('name'),
    number,
    displayText: params.text('displaytext') ?? params.must('name'),
    offeringId: offering.id,
    guestType: offering.guestType,
    vlan: fixedVlan(cloud, offering, params),
    ...addressing(offering, params),
    publicIp: offering.guestType === 'Isolated' ? `203.0.113.${number % 250}` : null,
    addresses: 0,
    macs: 0,
    created: cloud.now(),
  }
  state.numbers.network += 1
  return network
}

function fixedVlan({ state }: Cloud, { specifyVlan, name }: NetworkOffering, params: Params): number | null {
  const text = params.text('vlan')?.replace(/^vlan:\/\//, '')
  if (!specifyVlan && text !== undefined) throw invalid(`vlan can't be specified with the offering ${name}`)
  if (!specifyVlan) return null
  if (text === undefined) throw invalid('Please specify vlan when create a network with this offering')
  const vlan = Number(text)
  if (!Number.isInteger(vlan) || vlan < 1 || vlan > 4094) throw invalid(`Invalid vlan ${text}`)
  if (state.networks.some((one) => one.vlan === vlan))
    throw invalid(`There is an existing network that uses VLAN ${vlan}`)
  return vlan
}

function addressing(
  { guestType }: NetworkOffering,
  params: Params,
): Pick<Network, 'cidr' | 'gateway' | 'netmask'> {
  if (guestType === 'L2') return { cidr: null, gateway: null, netmask: null }
  const netmask = params.text('netmask') ?? '255.255.255.0'
  const given = params.text('gateway')
  if (guestType === 'Shared' && given === undefined)
    throw invalid('gateway and netmask are needed for a shared network')
  const bits = netmask
    .split('.')
    .map((part) => Number(part).toString(2))
    .join('')
    .replaceAll('0', '').length
  const { cidr, gateway } = parseCidr(given === undefined ? ISOLATED_CIDR : `${given}/${bits}`)
  return { cidr, gateway: given ?? gateway, netmask }
}

function offeringView({
  id,
  name,
  guestType,
  specifyVlan,
  providers,
  enabled,
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
    service: services(guestType, providers),
    forvpc: false,
    ispersistent: false,
    egressdefaultpolicy: true,
  }
}

function services(
  guestType: string,
  providers?: Readonly<Record<string, string>>,
): { name: string; capability: unknown[]; provider?: { name: string }[] }[] {
  if (providers !== undefined)
    return Object.entries(providers).map(([service, name]) => ({
      ...{ name: service, capability: [] },
      provider: [{ name }],
    }))
  const names = guestType === 'L2' ? [] : ['Dhcp', 'Dns', 'UserData']
  const more = guestType === 'Isolated' ? ['SourceNat', 'Firewall', 'PortForwarding'] : []
  return [...names, ...more].map((name) => ({ name, capability: [] }))
}

function networkView(cloud: Cloud, network: Network): Record<string, unknown> {
  const { state } = cloud
  const offering = find(state.networkOfferings, network.offeringId)
  return {
    id: network.id,
    name: network.name,
    displaytext: network.displayText,
    broadcastdomaintype: 'Vlan',
    traffictype: 'Guest',
    ...(network.cidr === null
      ? {}
      : { cidr: network.cidr, gateway: network.gateway, netmask: network.netmask, dns1: '127.0.0.53' }),
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
    service: services(network.guestType, offering.providers),
    networkdomain: 'lab.internal',
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
