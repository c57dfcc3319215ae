import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { samePort } from '../port-state.ts'
import { type Dialect, memberLists, openConfig } from './dialect.ts'
import { portConfig, portState, type SwitchedVlan } from './model.ts'
import { everyVlan, parseVlans } from './vlan-list.ts'

const nothing: SwitchedVlan = { mode: null, accessVlan: null, nativeVlan: null, trunkVlans: null }
const read = (vlans: Partial<SwitchedVlan>, dialect: Dialect) =>
  portState({ enabled: true, vlans: { ...nothing, ...vlans } }, dialect)

test.each([
  ['openconfig', openConfig],
  ['member lists', memberLists],
])('%s: every state that is wanted reads back as itself', (_name, dialect) => {
  const vlan = fc.integer({ min: 1, max: 4094 })
  fc.assert(
    fc.property(vlan, fc.uniqueArray(vlan, { maxLength: 20 }), fc.boolean(), (untagged, others, enabled) => {
      const tagged = others.filter((one) => one !== untagged).sort((a, b) => a - b)
      const state = { mode: tagged.length > 0 ? 'trunk' : 'access', untagged, tagged, enabled } as const
      expect(samePort(portState(portConfig(state, dialect), dialect), state)).toBe(true)
    }),
  )
})

describe('what is left out is never taken for less than it is', () => {
  test('a trunk without a list carries every VLAN, and nobody knows which one untagged', () => {
    expect(read({ mode: 'TRUNK' }, openConfig)).toMatchObject({ untagged: 0, tagged: everyVlan })
    expect(read({ mode: 'TRUNK' }, memberLists)).toMatchObject({ untagged: null, tagged: [] })
  })

  test('an access port without a VLAN, and a port without a mode, are in the default VLAN', () => {
    for (const vlans of [{ mode: 'ACCESS' as const }, {}]) {
      expect(read(vlans, openConfig)).toMatchObject({ untagged: 0, tagged: [] })
      expect(read(vlans, memberLists)).toMatchObject({ untagged: null, tagged: [] })
    }
  })

  test('a native VLAN that the list does not allow drops its frames', () => {
    const state = read({ mode: 'TRUNK', nativeVlan: 201, trunkVlans: [301] }, openConfig)
    expect(state).toMatchObject({ untagged: null, tagged: [301] })
  })

  test('leaves of the other mode count for nothing', () => {
    const access = read({ mode: 'ACCESS', accessVlan: 10, nativeVlan: 201, trunkVlans: [301] }, openConfig)
    expect(access).toMatchObject({ untagged: 10, tagged: [] })
  })
})

describe('trunk-vlans', () => {
  test('single VLANs and ranges in either spelling, sorted, once', () => {
    expect(parseVlans(['310..312', 300, '300', '305-306'])).toEqual([300, 305, 306, 310, 311, 312])
    expect(parseVlans(['1..4094'])).toEqual(everyVlan)
  })

  test.each(['all', '300..', '312..310', '0', '4095', '100.200', ''])('"%s" is none', (entry) => {
    expect(parseVlans([100, entry])).toBeNull()
  })
})
