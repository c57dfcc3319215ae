/**
 * The network of a BMC, for the cap on how fast one is asked: /24 of an IPv4 address, /64 of an IPv6 address. Names, whose
 * network is not known, share one cap; so do hosts without an address.
 */
export function subnetOf(bmcAddress: string): string {
  const v4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}(?::\d+)?$/.exec(bmcAddress)
  if (v4) return `${v4[1]}.0/24`
  const v6 = bmcAddress.replace(/^\[|\](:\d+)?$/g, '')
  if (/^[\da-f:]*:[\da-f:]*:[\da-f:.]*$/i.test(v6)) return `${firstGroups(v6.toLowerCase()).join(':')}::/64`
  return ''
}

function firstGroups(address: string): string[] {
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length
  const groups = [...before, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...after]
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''))
}

/** So many per second and key, and no more at once than one second's worth. */
export class RateCap {
  readonly #gapMs: number
  readonly #burstMs: number
  /** By key: when everything that was let through so far is paid for. */
  readonly #paidUntil = new Map<string, number>()

  constructor(perSecond: number) {
    this.#gapMs = 1000 / perSecond
    this.#burstMs = Math.max(1000, this.#gapMs)
  }

  /** 0: go on, this one is counted. Else the milliseconds after which to ask again. */
  wait(key: string, now: number): number {
    const paidUntil = Math.max(this.#paidUntil.get(key) ?? 0, now - this.#burstMs + this.#gapMs)
    if (paidUntil > now) return paidUntil - now
    this.#paidUntil.set(key, paidUntil + this.#gapMs)
    return 0
  }
}
