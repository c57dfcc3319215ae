import type { DhcpServer } from '../world/types.ts'
import { PXE_SUBNET } from './initial-state.ts'
import { toNumber, toText } from './networking.ts'
import type { Region } from './region.ts'

/** default-lease-time in the dhcpd.conf that MAAS writes: 10 minutes. */
const LEASE_MS = 600_000

/**
 * MAAS's dhcpd in the PXE VLAN: any MAC gets an address of the dynamic range, and the same again as long as nobody else
 * had to have it; null when every address is leased.
 */
export function createDhcp(region: Region, vlan: number): DhcpServer {
  return {
    name: 'maas',
    vlan,
    offer(mac) {
      const { leases } = region.state
      const ip = leases[mac]?.ip ?? freeAddress(region)
      if (ip === null) return null
      for (const [other, lease] of Object.entries(leases))
        if (lease.ip === ip && other !== mac) delete leases[other]
      leases[mac] = { ip, until: region.now() + LEASE_MS }
      return { ip }
    },
  }
}

/** Addresses with a lease that has not run out. */
export function leasedAddresses(region: Region): string[] {
  const now = region.now()
  return Object.values(region.state.leases).flatMap(({ ip, until }) => (until > now ? [ip] : []))
}

/** One that nobody ever had, else the one whose lease ran out first. */
function freeAddress(region: Region): string | null {
  const range = region.state.ipRanges.find((one) => one.subnet === PXE_SUBNET && one.type === 'dynamic')
  if (range === undefined) return null
  const [start, end] = [toNumber(range.start), toNumber(range.end)]
  const known = Object.values(region.state.leases)
  const used = new Set(known.map(({ ip }) => ip))
  for (let at = start; at <= end; at += 1) if (!used.has(toText(at))) return toText(at)
  const oldest = known
    .filter(({ ip, until }) => until <= region.now() && start <= toNumber(ip) && toNumber(ip) <= end)
    .sort((a, b) => a.until - b.until)[0]
  return oldest?.ip ?? null
}
