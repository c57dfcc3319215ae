import { expect, test } from 'vitest'
import type { PortState } from '../types.ts'
import { planSwitchports } from './plan.ts'

const access = (untagged: number): PortState => ({ mode: 'access', untagged, tagged: [], enabled: true })
const trunk = (untagged: number | null, ...tagged: number[]): PortState => ({
  mode: 'trunk',
  untagged,
  tagged,
  enabled: true,
})
const lines = (now: PortState, want: PortState, vlans: number[] = [10, 100, 101, 200, 201]) =>
  planSwitchports(new Map([['Ethernet1', now]]), new Map([['Ethernet1', want]]), new Set(vlans)).flatMap(
    (change) => change.lines,
  )

test('nothing to do is no line', () => {
  expect(lines(access(10), access(10))).toEqual([])
  // a trunk that carries its native VLAN alone lets the same frames pass
  expect(lines(trunk(10), access(10))).toEqual([])
})

test('access to trunk: the list comes before the mode, so that it never carries all', () => {
  expect(lines(access(10), trunk(100, 200))).toEqual([
    'interface Ethernet1',
    ' switchport trunk allowed vlan none',
    ' switchport trunk native vlan 100',
    ' switchport trunk allowed vlan 100,200',
    ' switchport mode trunk',
    ' switchport access vlan 100',
  ])
})

test('a trunk whose native VLAN stays is not interrupted', () => {
  expect(lines(trunk(100, 200), trunk(100, 201))).toEqual([
    'interface Ethernet1',
    ' switchport trunk allowed vlan 100,201',
    ' switchport mode trunk',
    ' switchport access vlan 100',
  ])
})

test('a trunk whose native VLAN moves is emptied first', () => {
  expect(lines(trunk(100, 200), trunk(101, 201)).slice(1, 4)).toEqual([
    ' switchport trunk allowed vlan none',
    ' switchport trunk native vlan 101',
    ' switchport trunk allowed vlan 101,201',
  ])
})

test('trunk to access: nothing of the old tenant is left in the half that sleeps', () => {
  expect(lines(trunk(100, 200), access(10))).toEqual([
    'interface Ethernet1',
    ' switchport access vlan 10',
    ' switchport mode access',
    ' switchport trunk allowed vlan none',
    ' switchport trunk native vlan 10',
  ])
})

test('a native VLAN that is restored as none is one that the list does not allow', () => {
  expect(lines(access(10), trunk(null, 1, 2, 200))).toContain(' switchport trunk native vlan 3')
})

test('VLANs that are not there are made, once', () => {
  const changes = planSwitchports(
    new Map([
      ['Ethernet1', access(10)],
      ['Ethernet2', access(10)],
    ]),
    new Map([
      ['Ethernet1', trunk(100, 300)],
      ['Ethernet2', trunk(101, 300)],
    ]),
    new Set([10, 100, 101]),
  )
  const all = changes.flatMap((change) => change.lines)
  expect(all.filter((line) => line.startsWith('vlan '))).toEqual(['vlan 300'])
  expect(all).toContain(' name ferrule-300')
})

test('shut first, open last', () => {
  expect(lines(access(100), { ...access(10), enabled: false })[1]).toBe(' shutdown')
  expect(lines({ ...access(100), enabled: false }, access(10)).at(-1)).toBe(' no shutdown')
  expect(lines(access(10), { ...access(10), enabled: false })).toEqual(['interface Ethernet1', ' shutdown'])
})
