import { expect, test } from 'vitest'
import { cliPhases } from './batch.ts'

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

test('a port is shut before its VLANs change and opened after', () => {
  const phases = cliPhases([move(1), move(2)]).map((calls) => calls.map((call) => call.split('\r\n')))
  expect(phases).toEqual([
    [[`interface ${port(1)}`, ' shutdown', `interface ${port(2)}`, ' shutdown']],
    [
      [
        'interface vlan 10',
        ` no untagged ${port(1)}`,
        'interface vlan 100',
        ` untagged ${port(1)}`,
        'interface vlan 10',
        ` no untagged ${port(2)}`,
        'interface vlan 100',
        ` untagged ${port(2)}`,
      ],
    ],
    [[`interface ${port(1)}`, ' no shutdown', `interface ${port(2)}`, ' no shutdown']],
  ])
})

test('where the link stays up, the old tagged VLANs go in a phase of their own', () => {
  const lines = ['interface vlan 200', ` no tagged ${port(1)}`, 'interface vlan 201', ` tagged ${port(1)}`]
  expect(cliPhases([{ port: port(1), lines }])).toEqual([
    [`interface vlan 200\r\n no tagged ${port(1)}`],
    [`interface vlan 201\r\n tagged ${port(1)}`],
  ])
})

test('48 ports go in few calls, each within the limit and each beginning in its own context', () => {
  const calls = cliPhases(Array.from({ length: 48 }, (_, index) => move(index + 1))).flat()
  expect(calls.length).toBeLessThan(14)
  expect(Math.max(...calls.map((call) => call.length))).toBeLessThanOrEqual(1000)
  expect(calls.every((call) => call.startsWith('interface '))).toBe(true)
  const count = (line: RegExp) =>
    calls.flatMap((call) => call.split('\r\n')).filter((l) => line.test(l)).length
  expect([count(/^ shutdown/), count(/^ no untagged/), count(/^ untagged/), count(/^ no shutdown/)]).toEqual([
    48, 48, 48, 48,
  ])
})

test('nothing to send, no call', () => {
  expect(cliPhases([])).toEqual([])
})
