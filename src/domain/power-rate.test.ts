import { expect, test } from 'vitest'
import { RateCap, subnetOf } from './power-rate.ts'

test.each([
  ['10.1.2.3', '10.1.2.0/24'],
  ['10.1.2.255:6230', '10.1.2.0/24'],
  ['2001:db8:0:7::1', '2001:db8:0:7::/64'],
  ['[2001:DB8::7:0:0:0:1]:623', '2001:db8:0:7::/64'],
  ['[2001:0db8::1]:623', '2001:db8:0:0::/64'],
  ['fe80::1', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['bmc-7.rack.example', ''],
  ['bmc-7.rack.example:623', ''],
  ['', ''],
])('%s is in %s', (address, subnet) => {
  expect(subnetOf(address)).toBe(subnet)
})

test('a subnet is asked no faster than its cap, and others are not held up by it', () => {
  const cap = new RateCap(10)
  let asked = 0
  for (let now = 1_000_000; now < 1_010_000; now += 1) if (cap.wait('a', now) === 0) asked += 1
  // ten seconds' worth, and the burst of the first one
  expect(asked).toBeGreaterThanOrEqual(100)
  expect(asked).toBeLessThanOrEqual(110)
  expect(cap.wait('b', 1_010_000)).toBe(0)
})

test('whoever waits as long as it is told gets through', () => {
  const cap = new RateCap(2)
  let now = 5_000
  const times: number[] = []
  while (times.length < 20) {
    const wait = cap.wait('a', now)
    if (wait === 0) times.push(now)
    now += wait
  }
  const last = times.at(-1) ?? 0
  expect(last - 5_000).toBeCloseTo(9_000, -3)
})

test('a rest saves up one second, not more', () => {
  const cap = new RateCap(5)
  let burst = 0
  while (cap.wait('a', 1e9) === 0) burst += 1
  expect(burst).toBe(5)
})
