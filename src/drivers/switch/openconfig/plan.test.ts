import { expect, test } from 'vitest'
import { tenant } from '../test-support/fake-switch.ts'
import { type Dialect, openConfig } from './dialect.ts'
import { portConfig } from './model.ts'
import { PlannedPorts } from './plan.ts'

/** As of a switch that keeps members per VLAN and has no native-vlan: SONiC. */
const memberLists: Dialect = {
  untaggedOnTrunk: 'accessVlan',
  untaggedIsListed: false,
  withoutUntagged: null,
  withoutList: 'none',
}

const seen = (planned: PlannedPorts, state = tenant(10)) => {
  planned.read(state, portConfig(state, openConfig))
  return state
}

test('VLANs that are not there yet are made once, however many ports name them', () => {
  const planned = new PlannedPorts()
  const current = new Map(['Ethernet1', 'Ethernet2'].map((port) => [port, seen(planned)]))
  const wanted = new Map(['Ethernet1', 'Ethernet2'].map((port) => [port, tenant(201, 301)]))
  const changes = planned.plan(current, wanted, { dialect: openConfig, vlansPresent: new Set([10, 301]) })
  expect(changes.map(({ lines }) => lines)).toEqual([
    [
      'vlan 201 name ferrule-201',
      'interface Ethernet1 switched-vlan = interface-mode TRUNK, native-vlan 201, trunk-vlans [201 301]',
    ],
    ['interface Ethernet2 switched-vlan = interface-mode TRUNK, native-vlan 201, trunk-vlans [201 301]'],
  ])
  expect(planned.take(changes).newVlans).toEqual([201])
})

test('a switch without native-vlan has the untagged VLAN in access-vlan, and not in the list', () => {
  const planned = new PlannedPorts()
  const [change] = planned.plan(
    new Map([['Ethernet0', seen(planned)]]),
    new Map([['Ethernet0', tenant(201, 301)]]),
    {
      dialect: memberLists,
      vlansPresent: null,
    },
  )
  expect(change?.lines).toEqual([
    'interface Ethernet0 switched-vlan = interface-mode TRUNK, access-vlan 201, trunk-vlans [301]',
  ])
})

test('what was read is put back as it was, a trunk of every VLAN too, and no VLAN is made for it', () => {
  const planned = new PlannedPorts()
  const before = tenant(0, 300)
  const wide = {
    enabled: true,
    vlans: { mode: 'TRUNK' as const, accessVlan: null, nativeVlan: null, trunkVlans: null },
  }
  planned.read(before, wide)
  const options = { dialect: openConfig, vlansPresent: new Set<number>() }
  const back = planned.plan(
    new Map([['Ethernet1', seen(planned)]]),
    new Map([['Ethernet1', before]]),
    options,
  )
  expect(planned.take(back)).toMatchObject({ ports: [{ wanted: wide }], newVlans: [] })
})

test('a port that is as wanted is no change, and one that is only shut keeps its VLANs', () => {
  const planned = new PlannedPorts()
  const current = new Map([
    ['Ethernet1', seen(planned)],
    ['Ethernet2', seen(planned)],
  ])
  const wanted = new Map([
    ['Ethernet1', tenant(10)],
    ['Ethernet2', { ...tenant(10), enabled: false }],
  ])
  const changes = planned.plan(current, wanted, { dialect: openConfig, vlansPresent: null })
  expect(changes).toEqual([{ port: 'Ethernet2', lines: ['interface Ethernet2 enabled = false'] }])
})

test('a change that was planned from no reading is not written', () => {
  const planned = new PlannedPorts()
  const expected = planned.plan(new Map([['Ethernet1', tenant(10)]]), new Map([['Ethernet1', tenant(201)]]), {
    dialect: openConfig,
    vlansPresent: null,
  })
  expect(() => planned.take(expected)).toThrow('not planned from a reading')
})
