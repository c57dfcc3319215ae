import { isIPv6 } from 'node:net'
import { ip6Network } from '../../world/ip6.ts'
import { ApiError, invalid, NO_CAPACITY } from '../api/api-error.ts'
import type { Params } from '../api/params.ts'
import type { Cloud } from '../cloud.ts'
import type { Network } from '../state.ts'

type Ip6 = NonNullable<Network['ip6']>

/** The zone's guest prefix, of which each isolated network with IPv6 has a /64 from its creation to its end. */
const GUEST_PREFIX = '2001:db8:1'
const SUBNETS = 0xffff

/** The lowest one that no network has. */
export function guestSubnet({ state }: Cloud): Ip6 {
  const taken = new Set(state.networks.flatMap(({ ip6 }) => (ip6 === undefined ? [] : [ip6.cidr])))
  for (let number = 1; number <= SUBNETS; number += 1) {
    const cidr = `${GUEST_PREFIX}:${number.toString(16)}::/64`
    if (!taken.has(cidr)) return { cidr, gateway: cidr.replace('/64', '1') }
  }
  throw new ApiError(NO_CAPACITY, 'Unable to allocate IPv6 network')
}

/** null: none was asked for. */
export function sharedIp6(params: Params): Ip6 | null {
  const [gateway, cidr] = [params.text('ip6gateway'), params.text('ip6cidr')]
  if (gateway === undefined && cidr === undefined) return null
  if (gateway === undefined || cidr === undefined)
    throw invalid('ip6Gateway and ip6Cidr should be defined for an IPv6 network work properly')
  if (!isIPv6(gateway)) throw invalid('Invalid ip6Gateway')
  const [address = '', length = ''] = cidr.split('/')
  if (!isIPv6(address) || !/^\d{1,3}$/.test(length)) throw invalid('Invalid ip6cidr')
  if (length !== '64') throw invalid('IPv6 subnet should be exactly 64-bits in size')
  const network = ip6Network(cidr)
  if (ip6Network(`${gateway}/64`) !== network)
    throw invalid('ip6Gateway is not in ip6cidr indicated network!')
  return { cidr: network, gateway }
}
