import { expect, test } from 'vitest'
import type { PortState } from '../types.ts'
import { channelMembers, savedMembers } from './channels.ts'
import { planEos } from './plan.ts'

const access = (untagged: number): PortState => ({ mode: 'access', untagged, tagged: [], enabled: true })
const trunk = (untagged: number, ...tagged: number[]): PortState => ({
  ...{ mode: 'trunk', untagged, tagged, enabled: true },
})
const inLag = (state: PortState, lag = 20): PortState => ({ ...state, lag })
const both = (state: PortState) =>
  new Map([
    ['Ethernet1', state],
    ['Ethernet2', state],
  ])
const present = new Set([10, 101, 102])
const linesOf = (...of: Parameters<typeof planEos>) => planEos(...of).map(({ lines }) => lines)

const accessLines = (vlan: number) => [
  ` switchport access vlan ${vlan}`,
  ' switchport mode access',
  ' switchport trunk allowed vlan none',
  ` switchport trunk native vlan ${vlan}`,
  ' no shutdown',
]

test('into a LAG: the LAG is whole before its first member comes, and is made once', () => {
  expect(linesOf(both(access(10)), both(inLag(access(101))), present, new Map())).toEqual([
    [
      'interface Port-Channel20',
      ...accessLines(101),
      ' port-channel lacp fallback static',
      'interface Ethernet1',
      ...accessLines(101),
      ' channel-group 20 mode active',
    ],
    ['interface Ethernet2', ...accessLines(101), ' channel-group 20 mode active'],
  ])
})

test('one that somebody left behind is made anew', () => {
  const [first] = linesOf(both(access(10)), both(inLag(access(101))), present, new Map([[20, []]]))
  expect(first?.slice(0, 2)).toEqual(['no interface Port-Channel20', 'interface Port-Channel20'])
})

test('out of it: a port has its own VLANs again before it leaves, and the LAG goes after its last member', () => {
  const own = new Map([[20, ['Ethernet1', 'Ethernet2']]])
  expect(linesOf(both(inLag(trunk(101, 102))), both(access(10)), present, own)).toEqual([
    ['interface Ethernet1', ...accessLines(10), ' no channel-group'],
    ['interface Ethernet2', ...accessLines(10), ' no channel-group', 'no interface Port-Channel20'],
  ])
})

test('other VLANs in the same LAG: on the LAG, and on its members for the day that they leave it', () => {
  const own = new Map([[20, ['Ethernet1', 'Ethernet2']]])
  const [first = [], second = []] = linesOf(
    both(inLag(access(101))),
    both(inLag(trunk(101, 102))),
    present,
    own,
  )
  expect(first[0]).toBe('interface Port-Channel20')
  expect(first.filter((line) => line === ' switchport trunk allowed vlan 101,102')).toHaveLength(2)
  expect(second[0]).toBe('interface Ethernet2')
  expect([...first, ...second].join()).not.toMatch(/channel-group|no interface/)
})

test('from one LAG into another', () => {
  const own = new Map([[20, ['Ethernet1', 'Ethernet2']]])
  const lines = linesOf(both(inLag(access(101))), both(inLag(access(101), 21)), present, own)
  expect(lines.map((one) => one.slice(-3))).toEqual([
    [' no shutdown', ' no channel-group', ' channel-group 21 mode active'],
    [' no channel-group', ' channel-group 21 mode active', 'no interface Port-Channel20'],
  ])
})

const config = `interface Port-Channel20
   switchport trunk allowed vlan 101-102
   switchport trunk native vlan 101
   switchport mode trunk
   port-channel lacp fallback static
!
interface Port-Channel21
!
interface Ethernet1
   switchport access vlan 10
   channel-group 20 mode active
!
interface Ethernet2
   shutdown
   channel-group 20 mode active
!
interface Ethernet3
   switchport access vlan 10
   channel-group 7 mode on
!
`

test('what is saved of a member is its LAG’s, and a static group is not followed', () => {
  const ports = ['Ethernet1', 'Ethernet2', 'Ethernet3']
  expect(Object.fromEntries(savedMembers('10.0.0.5', config, ports))).toEqual({
    Ethernet1: inLag(trunk(101, 102)),
    Ethernet2: { ...inLag(trunk(101, 102)), enabled: false },
    Ethernet3: access(10),
  })
  expect([...channelMembers(config)]).toEqual([
    [20, ['Ethernet1', 'Ethernet2']],
    [21, []],
    [7, ['Ethernet3']],
  ])
})
