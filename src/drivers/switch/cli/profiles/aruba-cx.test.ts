import { expect, test } from 'vitest'
import type { PortState } from '../../types.ts'
import { arubaCx } from './aruba-cx.ts'

const text = `vlan 1,10
vlan 100
    name ferrule-100
interface 1/1/1
    no shutdown
    no routing
    vlan trunk native 10
    vlan trunk allowed 10,100-102
interface 1/1/2
    no shutdown
    no routing
    vlan trunk native 1 tag
    vlan trunk allowed all
interface 1/1/3
    no shutdown
    ip address 192.0.2.1/31
interface 1/1/4
    no shutdown
    lag 10
interface lag 10
    no routing
    vlan access 10`

test('ports and link aggregations as they are printed', () => {
  const { ports, vlans } = arubaCx.read.parse([text])
  expect([...vlans]).toEqual([
    [1, null],
    [10, null],
    [100, 'ferrule-100'],
  ])
  expect(ports.get('1/1/1')).toMatchObject({
    state: { mode: 'trunk', untagged: 10, tagged: [100, 101, 102], enabled: true },
    undriven: null,
  })
  expect(ports.get('1/1/2')?.undriven).toMatch(/tagged/)
  expect(ports.get('1/1/3')?.undriven).toMatch(/routed/)
  expect(ports.get('1/1/4')?.undriven).toMatch(/link aggregation/)
  expect(ports.get('lag10')).toMatchObject({ state: { untagged: 10, enabled: false }, undriven: null })
})

const port = (untagged: number, ...tagged: number[]): PortState => ({
  mode: tagged.length > 0 ? 'trunk' : 'access',
  untagged,
  tagged,
  enabled: true,
})
const linesOf = (now: PortState, want: PortState) =>
  arubaCx.plan({ port: 'lag10', now, want, missing: [] }).map(({ lines }) => lines.map((line) => line.trim()))

test('it is shut while it is reshaped, and not otherwise', () => {
  expect(linesOf(port(10), port(100, 200, 201))).toEqual([
    ['interface lag 10', 'shutdown'],
    [
      'interface lag 10',
      'vlan access 100',
      'interface lag 10',
      'vlan trunk native 100',
      'vlan trunk allowed 100,200-201',
    ],
    ['interface lag 10', 'no shutdown'],
  ])
  expect(linesOf(port(100, 200), port(100, 201))).toEqual([
    ['interface lag 10', 'no vlan trunk allowed 200'],
    ['interface lag 10', 'vlan trunk allowed 201'],
  ])
  expect(linesOf(port(100, 200), port(10))).toEqual([['interface lag 10', 'vlan access 10']])
})
