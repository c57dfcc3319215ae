import type { DhcpServer } from '../world/types.ts'
import { PXE_SUBNET } from './initial-state.ts'
import { hosts, toNumber } from './networking.ts'
import type { Region } from './region.ts'

/** MAAS's dhcpd in the PXE VLAN: any MAC gets an address of the dynamic range and keeps it; null when none is left. */
export function createDhcp(region: Region, vlan: number): DhcpServer {
  return {
    name: 'maas',
    vlan,
    offer(mac) {
      const { leases, ipRanges, subnets } = region.state
      const known = leases[mac]
      if (known !== undefined) return { ip: known }
      const subnet = subnets.find((one) => one.id === PXE_SUBNET)
      const range = ipRanges.find((one) => one.subnet === PXE_SUBNET && one.type === 'dynamic')
      if (subnet === undefined || range === undefined) return null
      const taken = new Set(Object.values(leases))
      const ip = hosts(subnet.cidr).find(
        (one) =>
          !taken.has(one) && toNumber(range.start) <= toNumber(one) && toNumber(one) <= toNumber(range.end),
      )
      if (ip === undefined) return null
      leases[mac] = ip
      return { ip }
    },
  }
}
