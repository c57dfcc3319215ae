import { expect, test } from 'vitest'
import { fleetAddresses } from './fleet-addresses.ts'

test('addresses follow one another without those that look like a network or a broadcast', () => {
  expect(fleetAddresses('127.96.0.253', 4)).toEqual([
    '127.96.0.253',
    '127.96.0.254',
    '127.96.1.1',
    '127.96.1.2',
  ])
  expect(fleetAddresses('127.96.255.254', 2)).toEqual(['127.96.255.254', '127.97.0.1'])
  expect(new Set(fleetAddresses('127.64.0.1', 100_000)).size).toBe(100_000)
})

test.each([
  ['127.0.0.1', 0, '1 to 100000'],
  ['127.0.0.1', 100_001, '1 to 100000'],
  ['10.0.0.1', 1, '127.0.0.0/8'],
  ['127.0.0', 1, '127.0.0.0/8'],
  ['127.255.255.254', 2, 'leave'],
])('%s with %i is refused', (first, count, words) => {
  expect(() => fleetAddresses(first, count)).toThrow(words)
})
