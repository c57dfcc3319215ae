import { expect, test } from 'vitest'
import type { PortState } from '../types.ts'
import { phases, steps } from './phases.ts'
import { payloads, planPorts } from './plan.ts'

const port = (untagged: number | null, ...tagged: number[]): PortState => ({
  mode: tagged.length > 0 ? 'trunk' : 'access',
  untagged,
  tagged,
  enabled: true,
})
const down = (state: PortState): PortState => ({ ...state, enabled: false })

test.each([
  [
    'the untagged VLAN moves',
    port(100, 200),
    port(101, 201),
    [down(port(100, 200)), down(port(101, 201)), port(101, 201)],
  ],
  ['more networks', port(100), port(100, 200), [port(100, 200)]],
  ['fewer networks', port(100, 200), port(100), [port(100)]],
  ['one for another', port(100, 200), port(100, 201), [port(100), port(100, 201)]],
  ['it is shut already', down(port(100)), port(101), [down(port(101)), port(101)]],
  ['it is to be shut', port(100), down(port(100)), [down(port(100))]],
  ['it is to be opened', down(port(100)), port(100), [port(100)]],
])('%s: so many revisions', (_name, now, want, expected) => {
  expect(steps(now, want)).toEqual(expected)
})

test('ports with fewer steps wait in their last one', () => {
  const found = phases(
    new Map([
      ['swp1', { before: port(100), wanted: port(101) }],
      ['swp2', { before: port(100), wanted: port(100, 200) }],
    ]),
  )
  expect(found.map((phase) => [...phase.keys()])).toEqual([['swp1', 'swp2'], ['swp1'], ['swp1']])
})

test('the sets are absolute: all that the port had goes first', () => {
  const trunk = new Map([['swp1', { before: down(port(100)), wanted: down(port(101, 201)) }]])
  expect(payloads(trunk)).toEqual({
    unset: { interface: { swp1: { bridge: { domain: { br_default: null } } } } },
    set: {
      interface: {
        swp1: { bridge: { domain: { br_default: { untagged: 101, vlan: { '101': {}, '201': {} } } } } },
      },
      bridge: { domain: { br_default: { vlan: { '101': {}, '201': {} } } } },
    },
  })
  const access = new Map([['swp1', { before: port(100, 200), wanted: down(port(10)) }]])
  expect(payloads(access).set).toMatchObject({
    interface: {
      swp1: { bridge: { domain: { br_default: { access: 10 } } }, link: { state: { down: {}, up: null } } },
    },
  })
})

test('a link alone touches no VLAN', () => {
  expect(payloads(new Map([['swp1', { before: port(100), wanted: down(port(100)) }]]))).toEqual({
    unset: null,
    set: { interface: { swp1: { link: { state: { down: {}, up: null } } } } },
  })
})

test('the dry run says it in the words of nv, revision by revision', () => {
  const changes = planPorts(
    new Map([['swp1', port(10)]]),
    new Map([['swp1', port(100, 200)]]),
    new Set([10, 100]),
  )
  expect(changes).toEqual([
    {
      port: 'swp1',
      lines: [
        'nv set bridge domain br_default vlan 200',
        'nv set interface swp1 link state down',
        'nv config apply',
        'nv unset interface swp1 bridge domain br_default',
        'nv set interface swp1 bridge domain br_default untagged 100',
        'nv set interface swp1 bridge domain br_default vlan 100,200',
        'nv config apply',
        'nv set interface swp1 link state up',
        'nv config apply',
      ],
    },
  ])
})
