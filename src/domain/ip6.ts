import { normaliseMac } from './mac.ts'

/** Without a zone: what is written into a configuration. */
export function isIp6(text: string): boolean {
  return /^[0-9a-f:.]{2,45}$/i.test(text) && URL.canParse(`http://[${text}]`)
}

/**
 * The address that a system gives itself in a /64 that a router advertises: the MAC is its second half, ff:fe in the
 * middle and the local bit turned over (RFC 4291, appendix A). CloudStack computes the addresses of its NICs so too.
 *
 * @param cidr e.g. 2001:db8:1:2::/64
 * @returns null: no /64
 */
export function slaacAddress(cidr: string, mac: string): string | null {
  const [network = '', length] = cidr.split('/')
  if (length !== '64' || !isIp6(network)) return null
  const bytes = normaliseMac(mac).split(':')
  const [first = '', a, b, c, d, e] = bytes
  const turned = (Number.parseInt(first, 16) ^ 0x02).toString(16)
  const front = network.includes('::') ? filled(network) : network.split(':')
  return shortest(`${front.slice(0, 4).join(':')}:${turned}${a}:${b}ff:fe${c}:${d}${e}`)
}

/** Eight groups, `::` written out. */
function filled(address: string): string[] {
  const [before = [], after = []] = address
    .split('::')
    .map((part) => part.split(':').filter((one) => one !== ''))
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after]
}

/** As RFC 5952 writes it: URL does the same to a host. */
function shortest(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1)
}
