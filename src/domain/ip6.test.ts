import { expect, test } from 'vitest'
import { isIp6, slaacAddress } from './ip6.ts'

test.each([
  // RFC 4291, appendix A: 34-56-78-9A-BC-DE becomes 36-56-78-ff-fe-9A-BC-DE
  ['2001:db8:1:2::/64', '34:56:78:9A:BC:DE', '2001:db8:1:2:3656:78ff:fe9a:bcde'],
  ['2001:db8::/64', '02:01:00:cc:00:01', '2001:db8::1:ff:fecc:1'],
  ['fd00:0:0:7::1/64', '02:01:00:cc:00:01', 'fd00::7:1:ff:fecc:1'],
])('in %s %s gives itself %s', (cidr, mac, address) => {
  expect(slaacAddress(cidr, mac)).toBe(address)
})

test.each(['2001:db8::/48', '10.1.1.0/24', 'nothing'])('%s is no /64', (cidr) => {
  expect(slaacAddress(cidr, '02:01:00:cc:00:01')).toBeNull()
})

test('an address is one and nothing else', () => {
  for (const text of ['::1', '2001:db8::1:ff:fecc:1', '2001:DB8:0:0:0:0:0:1', '::ffff:192.0.2.1'])
    expect([text, isIp6(text)]).toEqual([text, true])
  for (const text of ['', '1.2.3.4', '2001:db8::1::2', 'fe80::1%eth0', '::1]/x', '12345::', '::1\n'])
    expect([text, isIp6(text)]).toEqual([text, false])
})
