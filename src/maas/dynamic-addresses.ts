import { BlockList, isIPv4 } from 'node:net'
import { z } from 'zod'
import type { Ask } from './exchange.ts'
import type { Http } from './http.ts'
import { isMaasError } from './http-errors.ts'
import { decode, ipRangeSchema, subnetAddressesSchema } from './wire.ts'

/**
 * Addresses of the subnet's IPv4 dynamic ranges that MAAS does not see in use. Its DHCP leases are among a subnet's
 * ip_addresses (op of api/subnets.py); null where there is no such range, or where MAAS does not tell.
 */
export async function freeDynamicAddresses(http: Http, subnetId: number): Promise<number | null> {
  const listing: Ask = { what: 'list IP ranges', method: 'GET', path: 'ipranges/' }
  const ranges = decode(z.array(ipRangeSchema), listing, await http.read(listing)).filter(
    (range) => range.type === 'dynamic' && range.subnet.id === subnetId && isIPv4(range.start_ip),
  )
  if (ranges.length === 0) return null
  const used = await usedAddresses(http, subnetId)
  if (used === null) return null
  const dynamic = new BlockList()
  for (const range of ranges) dynamic.addRange(range.start_ip, range.end_ip)
  const size = ranges.reduce((sum, range) => sum + toNumber(range.end_ip) - toNumber(range.start_ip) + 1, 0)
  return Math.max(0, size - new Set(used.filter((ip) => isIPv4(ip) && dynamic.check(ip))).size)
}

async function usedAddresses(http: Http, subnetId: number): Promise<string[] | null> {
  const query = [['with_username', 'false'] as const, ['with_summary', 'false'] as const]
  const ask: Ask = {
    what: `list addresses of subnet ${subnetId}`,
    method: 'GET',
    path: `subnets/${subnetId}/`,
    op: 'ip_addresses',
    query,
  }
  try {
    return decode(subnetAddressesSchema, ask, await http.read(ask)).map((address) => address.ip)
  } catch (error) {
    if (isMaasError(error, [400, 403, 404])) return null
    throw error
  }
}

function toNumber(ip: string): number {
  return ip.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
}
