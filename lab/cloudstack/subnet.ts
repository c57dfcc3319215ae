/** An IPv4 network in CIDR form, for the addresses that a virtual router hands out. */
export interface Subnet {
  cidr: string
  first: number
  size: number
  /** The router's own: the first host address, as CloudStack does by default. */
  gateway: string
}

/** Throws if the text is not a network of at least four addresses. */
export function parseCidr(cidr: string): Subnet {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr)
  const octets = match?.slice(1, 5).map(Number) ?? []
  const length = Number(match?.[5] ?? 99)
  if (match === null || length > 30 || length < 8 || octets.some((octet) => octet > 255)) {
    throw new Error(`"${cidr}" is not an IPv4 network such as 10.1.1.0/24`)
  }
  const size = 2 ** (32 - length)
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0)
  const first = address - (address % size)
  return { cidr: `${addressAt(first)}/${length}`, first, size, gateway: addressAt(first + 1) }
}

/** `netmask` in its usual form, 255.255.255.0. */
export function cidrOf(address: string, netmask: string): string {
  const ones = netmask
    .split('.')
    .reduce((sum, part) => sum + Number(part).toString(2).replaceAll('0', '').length, 0)
  return parseCidr(`${address}/${ones}`).cidr
}

export function liesIn(inner: Subnet, outer: Subnet): boolean {
  return outer.first <= inner.first && inner.first + inner.size <= outer.first + outer.size
}

export function addressAt(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}
