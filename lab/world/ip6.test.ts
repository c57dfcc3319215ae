import { expect, test } from 'vitest'
import { eui64, ip6Network } from './ip6.ts'

test('the example of RFC 4291, and how CloudStack writes its own', () => {
  expect(eui64('2001:db8:1:2::/64', '34:56:78:9a:bc:de')).toBe('2001:db8:1:2:3656:78ff:fe9a:bcde')
  expect(eui64('2001:db8::/64', '02:01:00:cc:00:01')).toBe('2001:db8::1:ff:fecc:1')
})

test('an address is in a network of 64 bits, and other networks are refused', () => {
  expect(ip6Network('2001:db8:0:7::1/64')).toBe('2001:db8:0:7::/64')
  for (const cidr of ['2001:db8::/48', '10.1.1.0/24', '']) {
    expect(() => ip6Network(cidr)).toThrow('is not an IPv6 network of 64 bits')
    expect(() => eui64(cidr, '02:01:00:cc:00:01')).toThrow('is not an IPv6 network of 64 bits')
  }
})
