import { invalid } from '../api/api-error.ts'
import type { Params } from '../api/params.ts'
import type { Cloud } from '../cloud.ts'
import { findFor } from '../find.ts'
import type { Network, NetworkOffering } from '../state.ts'
import { cidrOf, parseCidr } from '../subnet.ts'
import { guestSubnet, sharedIp6 } from './ip6-subnets.ts'
import { checkTier, vpcFor } from './tiers.ts'

/** Every isolated network has the same addresses: they are behind its own router. */
const ISOLATED_CIDR = '10.1.1.0/24'

export function newNetwork(cloud: Cloud, params: Params): Network {
  const { state } = cloud
  findFor([state.zone], 'createNetwork', 'zoneid', params.must('zoneid'))
  const offering = findFor(
    state.networkOfferings,
    'createNetwork',
    'networkofferingid',
    params.must('networkofferingid'),
  )
  const vpc = vpcFor(cloud, offering, params)
  if (vpc !== null) checkTier(cloud, vpc, params)
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
    ...ip6For(cloud, offering, params),
    // a tier is behind its VPC's
    publicIp: offering.guestType === 'Isolated' && vpc === null ? `203.0.113.${number % 250}` : null,
    ...(vpc === null ? {} : { vpcId: vpc.id }),
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
  const { cidr, gateway } = parseCidr(given === undefined ? ISOLATED_CIDR : cidrOf(given, netmask))
  return { cidr, gateway: given ?? gateway, netmask }
}

/** Isolated networks get theirs by the offering, shared ones from who makes them. */
function ip6For(cloud: Cloud, offering: NetworkOffering, params: Params): Pick<Network, 'ip6'> {
  if (offering.dualStack) return { ip6: guestSubnet(cloud) }
  const ip6 = offering.guestType === 'Shared' ? sharedIp6(params) : null
  return ip6 === null ? {} : { ip6 }
}
