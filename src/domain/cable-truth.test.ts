import { describe, expect, test } from 'vitest'
import { type CablePlace, checkCables, isLie, type SeenNic, type ToldPlace } from './cable-truth.ts'

const cable = (mac: string, port: string) => ({ mac, switch: 'tor1', port })
const nic = (mac: string, seen: string | CablePlace | null): SeenNic => ({
  machine: `m-${mac}`,
  nic: 'eno1',
  mac,
  seen: typeof seen === 'string' ? { switch: 'tor1', port: seen } : seen,
})
const verdicts = (...of: Parameters<typeof checkCables>) =>
  Object.fromEntries(checkCables(...of).map((check) => [check.mac, check.verdict]))
const none = new Set<string>()

describe('cables as declared against cables as seen', () => {
  test('as declared, not heard, and not known to MAAS', () => {
    const declared = [cable('a', '1/1'), cable('b', '1/2'), cable('c', '1/3')]
    expect(verdicts(declared, [nic('a', '1/1'), nic('b', null)], none)).toEqual({
      a: 'as-declared',
      b: 'unseen',
      c: 'unknown-nic',
    })
    expect(checkCables(declared, [nic('a', '1/1')], none).some(isLie)).toBe(false)
  })

  test('two that are exchanged are swapped; a ring of three, or one alone, is elsewhere', () => {
    const two = [cable('a', '1/1'), cable('b', '1/2')]
    expect(verdicts(two, [nic('a', '1/2'), nic('b', '1/1')], none)).toEqual({ a: 'swapped', b: 'swapped' })
    expect(verdicts(two, [nic('a', '1/2'), nic('b', '1/2')], none)).toEqual({
      a: 'elsewhere',
      b: 'as-declared',
    })
    const three = [...two, cable('c', '1/3')]
    const ring = [nic('a', '1/2'), nic('b', '1/3'), nic('c', '1/1')]
    expect(verdicts(three, ring, none)).toEqual({ a: 'elsewhere', b: 'elsewhere', c: 'elsewhere' })
  })

  test('the same port of another switch is another place', () => {
    const seen = nic('a', { switch: '10.0.0.9', port: '1/1' })
    expect(verdicts([cable('a', '1/1')], [seen], none)).toEqual({ a: 'elsewhere' })
  })

  test('on our switch and in no rack file: undeclared; in another rack file, or on a foreign switch: not ours to tell', () => {
    const declared = [cable('a', '1/1')]
    const nics = [nic('a', '1/1'), nic('b', '1/2'), nic('c', '1/3'), nic('d', { switch: 'lab9', port: '1' })]
    expect(verdicts(declared, nics, new Set(['c']))).toEqual({ a: 'as-declared', b: 'undeclared' })
  })

  test('what is wrong comes first, then ports in their order', () => {
    const declared = [cable('j', '1/10'), cable('b', '1/2'), cable('c', '1/3')]
    const found = checkCables(declared, [nic('j', '1/10'), nic('b', '1/2'), nic('c', '1/4')], none)
    expect(found.map(({ mac }) => mac)).toEqual(['c', 'b', 'j'])
  })

  describe('by what the switches have learned', () => {
    const at = (port: string): ToldPlace => ({ switch: 'tor1', port, by: 'fdb' })
    const two = [cable('a', '1/1'), cable('b', '1/2')]

    test('it is the newer word, whatever LLDP once heard', () => {
      const exchanged = new Map([
        ['a', [at('1/2')]],
        ['b', [at('1/1')]],
      ])
      const heardWell = [nic('a', '1/1'), nic('b', '1/2')]
      expect(verdicts(two, heardWell, none, exchanged)).toEqual({ a: 'swapped', b: 'swapped' })
      const corrected = new Map([['a', [at('1/1')]]])
      expect(verdicts(two, [nic('a', '1/2'), nic('b', null)], none, corrected)).toEqual({
        a: 'as-declared',
        b: 'unseen',
      })
    })

    test('one of each witness makes a swap, and a NIC that MAAS does not know is seen too', () => {
      const learned = new Map([['a', [at('1/2')]]])
      expect(verdicts(two, [nic('b', '1/1')], none, learned)).toEqual({ a: 'swapped', b: 'swapped' })
      expect(verdicts(two, [], none, new Map([['a', [at('1/1')]]]))).toEqual({
        a: 'as-declared',
        b: 'unknown-nic',
      })
    })

    test('at two ports it counts nowhere: a moved machine is not refused for what a switch has not forgotten yet', () => {
      const moved = new Map([['a', [at('1/7'), at('1/1')]]])
      expect(verdicts(two, [nic('a', '1/1'), nic('b', null)], none, moved)).toMatchObject({
        a: 'as-declared',
      })
      expect(verdicts(two, [nic('a', null), nic('b', null)], none, moved)).toMatchObject({ a: 'unseen' })
      const [check] = checkCables(two, [nic('a', null), nic('b', null)], none, moved)
      expect(check?.learned).toEqual(moved.get('a'))
    })

    test('in no rack file, and learned on a port of ours: undeclared', () => {
      const learned = new Map([['c', [at('1/9')]]])
      expect(verdicts(two, [nic('c', null)], none, learned)).toMatchObject({ c: 'undeclared' })
    })
  })
})
