/** A hundred thousand is what one process is meant to bear. */
export const FLEET_LIMIT = 100_000

/**
 * `count` IPv4 addresses from `first` on, in order, without those that end in 0 or 255: some programs take these for
 * a network's own and its broadcast address. Throws RangeError when they leave 127.0.0.0/8, which alone is loopback.
 */
export function fleetAddresses(first: string, count: number): string[] {
  if (!(Number.isInteger(count) && count > 0 && count <= FLEET_LIMIT))
    throw new RangeError(`a fleet has 1 to ${FLEET_LIMIT} BMCs, not ${count}`)
  const bytes = first.split('.').map(Number)
  const valid =
    bytes.length === 4 && bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)
  if (!valid || bytes[0] !== 127)
    throw new RangeError(`a fleet begins at an address of 127.0.0.0/8, not ${first}`)
  const addresses: string[] = []
  for (let at = bytes.reduce((all, byte) => all * 256 + byte, 0); addresses.length < count; at += 1) {
    const last = at & 255
    if (last === 0 || last === 255) continue
    if (at >>> 24 !== 127) throw new RangeError(`${count} addresses from ${first} on leave 127.0.0.0/8`)
    addresses.push([127, (at >>> 16) & 255, (at >>> 8) & 255, last].join('.'))
  }
  return addresses
}
