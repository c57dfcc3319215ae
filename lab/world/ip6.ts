import { isIPv6 } from 'node:net'

/**
 * What a MAC becomes in a /64 (RFC 4291, appendix A): a system gives itself this address when a router advertises the
 * prefix, and CloudStack writes it down beforehand. Throws if `cidr` is no /64.
 */
export function eui64(cidr: string, mac: string): string {
  const [network = '', length] = cidr.split('/')
  if (length !== '64' || !isIPv6(network)) throw new Error(`"${cidr}" is not an IPv6 network of 64 bits`)
  const [first = 0, ...rest] = mac.split(':').map((byte) => Number.parseInt(byte, 16))
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = rest
  const half = [((first ^ 2) << 8) | a, (b << 8) | 0xff, 0xfe00 | c, (d << 8) | e]
  return written([...groups(network).slice(0, 4), ...half])
}

/** The network of an address in it: 2001:db8::1/64 is in 2001:db8::/64. */
export function ip6Network(cidr: string): string {
  const [address = '', length] = cidr.split('/')
  if (length !== '64' || !isIPv6(address)) throw new Error(`"${cidr}" is not an IPv6 network of 64 bits`)
  return `${written([...groups(address).slice(0, 4), 0, 0, 0, 0])}/64`
}

function groups(address: string): number[] {
  const [front = '', back] = address.split('::')
  const numbers = (text = '') => (text === '' ? [] : text.split(':').map((one) => Number.parseInt(one, 16)))
  const gap = back === undefined ? 0 : 8 - numbers(front).length - numbers(back).length
  return [...numbers(front), ...Array<number>(gap).fill(0), ...numbers(back)]
}

/** In its shortest form (RFC 5952), which a URL gives to a host. */
function written(all: readonly number[]): string {
  return new URL(`http://[${all.map((one) => one.toString(16)).join(':')}]`).hostname.slice(1, -1)
}
