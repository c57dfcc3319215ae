import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalPort, samePort } from '../port-state.ts'
import type { PortState } from '../types.ts'
import { type PortVlans, portRow, readVlans, rowVlans, wireVlans } from './port-row.ts'

const vlan = fc.integer({ min: 1, max: 4094 })

test('what is written for a state reads as that state', () => {
  fc.assert(
    fc.property(vlan, fc.uniqueArray(vlan, { maxLength: 20 }), fc.boolean(), (untagged, others, native) => {
      const tagged = others.filter((other) => other !== untagged)
      fc.pre(native || tagged.length > 0)
      const mode = tagged.length > 0 ? 'trunk' : 'access'
      const state: PortState = normalPort({ mode, untagged: native ? untagged : null, tagged, enabled: true })
      const read = { ...readVlans(rowVlans('swp1', state)), enabled: true }
      expect(samePort(read, state)).toBe(true)
      expect(read.mode).toBe(mode)
    }),
  )
})

test('a port without any VLAN cannot be written: an empty list would mean every VLAN', () => {
  const none: PortState = { mode: 'access', untagged: null, tagged: [], enabled: true }
  expect(() => rowVlans('swp1', none)).toThrow('swp1 cannot be left without any VLAN')
})

/** Rows that others may have made, which must never pass for a state that we want. */
const strange: [string, PortVlans][] = [
  ['cleared', { vlanMode: null, tag: null, trunks: [] }],
  ['cleared, but for its mode', { vlanMode: 'access', tag: null, trunks: [] }],
  ['trunk of all', { vlanMode: 'trunk', tag: 200, trunks: [] }],
  ['native of all', { vlanMode: 'native-untagged', tag: 200, trunks: [] }],
  ['native without a tag', { vlanMode: 'native-untagged', tag: null, trunks: [300] }],
  ['native with its tag', { vlanMode: 'native-tagged', tag: 200, trunks: [300] }],
  ['tunnel', { vlanMode: 'dot1q-tunnel', tag: 200, trunks: [] }],
  ['a mode to come', { vlanMode: 'new', tag: 200, trunks: [300] }],
]
test.each(strange)('%s is neither access 200 nor native 200 with 300', (_name, row) => {
  const state: PortState = { ...readVlans(row), enabled: true }
  expect(samePort(state, { mode: 'access', untagged: 200, tagged: [], enabled: true })).toBe(false)
  expect(samePort(state, { mode: 'trunk', untagged: 200, tagged: [300], enabled: true })).toBe(false)
})

describe('the wire', () => {
  const of = (columns: object) =>
    portRow.parse({ _uuid: ['uuid', 'u'], name: 'swp1', interfaces: ['uuid', 'i'], ...columns })

  test('has sets of one with and without wrapping', () => {
    expect(of({ vlan_mode: 'trunk', tag: ['set', []], trunks: 300 })).toMatchObject({
      vlanMode: 'trunk',
      tag: null,
      trunks: [300],
      interfaces: ['i'],
    })
    expect(of({ vlan_mode: ['set', []], tag: 5, trunks: ['set', [301, 300]] })).toMatchObject({
      vlanMode: null,
      tag: 5,
      trunks: [300, 301],
    })
  })

  test('gets empty sets for what is not there', () => {
    expect(wireVlans({ vlanMode: 'access', tag: 5, trunks: [] })).toEqual({
      vlan_mode: 'access',
      tag: 5,
      trunks: ['set', []],
    })
  })

  test('is refused where it is of another kind', () => {
    expect(() => of({ vlan_mode: 'access', tag: '5', trunks: ['set', []] })).toThrow()
  })
})
