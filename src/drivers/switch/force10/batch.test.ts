import { expect, test } from 'vitest'
import { cliCalls } from './batch.ts'

const port = (n: number) => `TenGigabitEthernet 1/${n}`
const move = (n: number) => ({
  port: port(n),
  lines: [
    `interface ${port(n)}`,
    ' shutdown',
    'interface vlan 10',
    ` no untagged ${port(n)}`,
    'interface vlan 100',
    ` untagged ${port(n)}`,
    `interface ${port(n)}`,
    ' no shutdown',
  ],
})

test('narrowing, widening and opening never share a call', () => {
  const calls = cliCalls([move(1), move(2)]).map((call) => call.split('\r\n'))
  expect(calls).toEqual([
    [
      `interface ${port(1)}`,
      ' shutdown',
      'interface vlan 10',
      ` no untagged ${port(1)}`,
      `interface ${port(2)}`,
      ' shutdown',
      'interface vlan 10',
      ` no untagged ${port(2)}`,
    ],
    ['interface vlan 100', ` untagged ${port(1)}`, ` untagged ${port(2)}`],
    [`interface ${port(1)}`, ' no shutdown', `interface ${port(2)}`, ' no shutdown'],
  ])
})

test('48 ports go in few calls, each within the limit and each beginning in its own context', () => {
  const calls = cliCalls(Array.from({ length: 48 }, (_, index) => move(index + 1)))
  expect(calls.length).toBeLessThan(12)
  expect(Math.max(...calls.map((call) => call.length))).toBeLessThanOrEqual(1000)
  expect(calls.every((call) => call.startsWith('interface '))).toBe(true)
  const count = (line: RegExp) =>
    calls.flatMap((call) => call.split('\r\n')).filter((l) => line.test(l)).length
  expect([count(/^ shutdown/), count(/^ no untagged/), count(/^ untagged/), count(/^ no shutdown/)]).toEqual([
    48, 48, 48, 48,
  ])
})

test('nothing to send, no call', () => {
  expect(cliCalls([])).toEqual([])
})
