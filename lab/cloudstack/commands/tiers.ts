import { failed, invalid } from '../api/api-error.ts'
import type { Params } from '../api/params.ts'
import type { Cloud } from '../cloud.ts'
import { findFor } from '../find.ts'
import type { NetworkOffering, Vpc } from '../state.ts'
import { cidrOf, liesIn, parseCidr } from '../subnet.ts'

/** vpc.max.networks, as it is when nobody sets it. */
const MOST_TIERS = 3

/** The VPC that a network of this offering is to be a tier of; null: a network of its own. */
export function vpcFor({ state }: Cloud, { forVpc = false }: NetworkOffering, params: Params): Vpc | null {
  const id = params.text('vpcid')
  if (id === undefined) {
    if (forVpc) throw invalid('Network offering can be used for VPC networks only')
    return null
  }
  const vpc = findFor(state.vpcs ?? [], 'createNetwork', 'vpcid', id)
  if (!forVpc) throw invalid("Network offering can't be used for VPC networks")
  return vpc
}

/** What VpcManagerImpl.validateNewVpcGuestNetwork looks at, in its order. */
export function checkTier({ state }: Cloud, vpc: Vpc, params: Params): void {
  const tiers = state.networks.filter(({ vpcId }) => vpcId === vpc.id)
  if (tiers.length >= MOST_TIERS) throw failed(`Number of networks per VPC cannot surpass [${MOST_TIERS}].`)
  const [gateway, netmask] = [params.text('gateway'), params.text('netmask')]
  if (gateway === undefined || netmask === undefined)
    throw invalid('Gateway/netmask are required when create network for VPC')
  const cidr = cidrOf(gateway, netmask)
  const subnet = parseCidr(cidr)
  if (!liesIn(subnet, parseCidr(vpc.cidr)))
    throw invalid(`Network cidr ${cidr} is not within vpc ${vpc.name} cidr`)
  for (const tier of tiers) {
    const other = parseCidr(tier.cidr ?? '')
    if (liesIn(subnet, other) || liesIn(other, subnet))
      throw invalid(
        `Network cidr ${cidr} crosses other network cidr ${tier.name} belonging to the same vpc ${vpc.name}`,
      )
  }
  const domain = params.text('networkdomain') ?? vpc.networkDomain
  if (domain.toLowerCase() !== vpc.networkDomain.toLowerCase())
    throw invalid('Network domain of the new network should match network domain of vpc')
  if (gateway === cidr.split('/')[0])
    throw invalid('Invalid gateway specified. It should never be equal to the cidr subnet value')
}
