import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { carried, samePort } from '../port-state.ts'
import { Os9Terminal } from '../test-support/os9-terminal.ts'
import type { PortState } from '../types.ts'
import { CLI_LIMIT, cliPhases } from './batch.ts'
import { planOs9 } from './plan.ts'

const te3 = 'TenGigabitEthernet 1/3'
const access = (untagged: number | null, more: Partial<PortState> = {}): PortState => {
  return { mode: 'access', untagged, tagged: [], enabled: true, prepared: true, ...more }
}
const trunk = (untagged: number | null, tagged: number[], more: Partial<PortState> = {}): PortState => {
  return { ...access(untagged, more), mode: 'trunk', tagged }
}

function lines(now: PortState, want: PortState, vlans = [1, 10, 100, 101, 200, 201]): readonly string[] {
  const context = { vlansPresent: new Set(vlans), defaultVlan: 1, ownLags: new Map() }
  const [change] = planOs9(new Map([[te3, now]]), new Map([[te3, want]]), context)
  return change?.lines ?? []
}

describe('the lines for one port', () => {
  test('PXE to a tenant: shut, old out, new in, open', () => {
    expect(lines(access(10), trunk(100, [200]))).toEqual([
      `interface ${te3}`,
      ' shutdown',
      'interface vlan 10',
      ` no untagged ${te3}`,
      'interface vlan 100',
      ` untagged ${te3}`,
      'interface vlan 200',
      ` tagged ${te3}`,
      `interface ${te3}`,
      ' no shutdown',
    ])
  })

  test('a change of tagged VLANs leaves the link alone and takes away before it gives', () => {
    expect(lines(trunk(100, [200]), trunk(100, [201]))).toEqual([
      'interface vlan 200',
      ` no tagged ${te3}`,
      'interface vlan 201',
      ` tagged ${te3}`,
    ])
  })

  test('a VLAN that is missing gets our description, once', () => {
    const context = { vlansPresent: new Set([10]), defaultVlan: 1, ownLags: new Map() }
    const ports = ['TenGigabitEthernet 1/3', 'TenGigabitEthernet 1/4']
    const now = new Map(ports.map((port) => [port, access(10)]))
    const want = new Map(ports.map((port) => [port, access(100)]))
    const typed = planOs9(now, want, context).flatMap((change) => change.lines)
    expect(typed.filter((line) => line === ' description ferrule')).toHaveLength(1)
    expect(typed[typed.indexOf(' description ferrule') - 1]).toBe('interface vlan 100')
  })

  test('a plain port at rest is emptied and made hybrid', () => {
    expect(lines(access(10, { prepared: false }), access(10))).toEqual([
      `interface ${te3}`,
      ' shutdown',
      'interface vlan 10',
      ` no untagged ${te3}`,
      `interface ${te3}`,
      ' no switchport',
      ' portmode hybrid',
      ' switchport',
      'interface vlan 10',
      ` untagged ${te3}`,
      `interface ${te3}`,
      ' no shutdown',
    ])
  })

  test('nothing to do, no lines', () => {
    expect(lines(trunk(100, [200]), trunk(100, [200]))).toEqual([])
  })

  test('a port that is to be shut is shut first and stays shut', () => {
    const typed = lines(trunk(100, [200]), access(10, { enabled: false }))
    expect(typed.slice(0, 2)).toEqual([`interface ${te3}`, ' shutdown'])
    expect(typed).not.toContain(' no shutdown')
  })

  test('a port in the default VLAN is in it by no membership, so none is removed', () => {
    expect(lines(access(1), access(100))).not.toContain('interface vlan 1')
    expect(lines(access(100), access(1)).at(-3)).toBe(` no untagged ${te3}`)
  })
})

const vlanId = fc.constantFrom(1, 10, 100, 101, 102, 200, 201)
const tagId = fc.constantFrom(10, 100, 101, 102, 200, 201)
const anyState = fc
  .record({
    untagged: fc.option(vlanId, { nil: null }),
    tagged: fc.uniqueArray(tagId, { maxLength: 4 }),
    enabled: fc.boolean(),
    prepared: fc.boolean(),
  })
  .map((drawn): PortState => {
    const tagged = drawn.tagged.filter((vlan) => vlan !== drawn.untagged).sort((a, b) => a - b)
    // What OS9 can be: hybrid ports are always untagged somewhere, plain ones have one kind of membership.
    if (drawn.prepared) return trunk(drawn.untagged ?? 1, tagged, { enabled: drawn.enabled })
    if (drawn.untagged !== null) return access(drawn.untagged, { enabled: drawn.enabled, prepared: false })
    return trunk(null, tagged, { enabled: drawn.enabled, prepared: false })
  })
  .map((state): PortState => ({ ...state, mode: state.tagged.length > 0 ? 'trunk' : 'access' }))
const portNames = ['1/1', '1/2', '1/3', '1/4', '1/5', '1/6', '1/7', '1/8'].map(
  (p) => `TenGigabitEthernet ${p}`,
)
const anyStates = fc
  .array(fc.tuple(anyState, anyState), { minLength: 1, maxLength: portNames.length })
  .map((pairs) => ({
    before: new Map(pairs.map(([before], index) => [portNames[index] ?? '', before])),
    wanted: new Map(pairs.map(([, wanted], index) => [portNames[index] ?? '', wanted])),
  }))

function subset(part: ReadonlySet<number>, whole: ReadonlySet<number>): boolean {
  return [...part].every((vlan) => whole.has(vlan))
}

/** Types the calls as sent and checks every port after every line. */
function typeAll(before: Map<string, PortState>, wanted: Map<string, PortState>, limit: number): Os9Terminal {
  const terminal = new Os9Terminal(before)
  const context = { vlansPresent: new Set(terminal.vlans.keys()), defaultVlan: 1, ownLags: new Map() }
  for (const call of cliPhases(planOs9(before, wanted, context), limit).flat()) {
    expect(call.length).toBeLessThanOrEqual(limit)
    for (const line of call.split('\r\n')) {
      terminal.type(line)
      for (const [port, old] of before) {
        const want = wanted.get(port) ?? old
        const now = terminal.carried(port)
        const clean = subset(now, carried(old)) || subset(now, carried(want))
        if (!clean) throw new Error(`${port} carries ${[...now]} after "${line}"`)
      }
    }
  }
  return terminal
}

describe('from any state to any other', () => {
  test('OS9 accepts each line, no port ever carries more than a part of the old or of the new, and the end is right', () => {
    fc.assert(
      fc.property(anyStates, fc.constantFrom(120, 300, CLI_LIMIT), ({ before, wanted }, limit) => {
        const terminal = typeAll(before, wanted, limit)
        for (const [port, want] of wanted) expect(samePort(terminal.state(port), want)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test('cut off after any call, the state that is left can still be brought to any other', () => {
    fc.assert(
      fc.property(anyStates, fc.nat(), ({ before, wanted }, cut) => {
        const terminal = new Os9Terminal(before)
        const context = { vlansPresent: new Set(terminal.vlans.keys()), defaultVlan: 1, ownLags: new Map() }
        const typed = cliPhases(planOs9(before, wanted, context))
          .flat()
          .flatMap((call) => call.split('\r\n'))
        for (const line of typed.slice(0, cut % (typed.length + 1))) terminal.type(line)
        const left = new Map([...before.keys()].map((port) => [port, terminal.state(port)]))
        const end = typeAll(left, before, CLI_LIMIT)
        for (const [port, state] of before) expect(samePort(end.state(port), state)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

test('no VLAN is ever deleted, whoever made it', () => {
  const vlan = fc.constantFrom(1, 10, 100, 101, 200, 201)
  const state = fc
    .record({
      untagged: fc.option(vlan),
      tagged: fc.uniqueArray(vlan),
      enabled: fc.boolean(),
      prepared: fc.boolean(),
    })
    .map(({ untagged, tagged, ...more }) =>
      trunk(untagged, tagged.filter((one) => one !== untagged).sort(), more),
    )
  fc.assert(
    fc.property(state, state, (now, want) => {
      expect(
        lines(now, want).filter((line) => /^no interface vlan|^ *no (vlan|shutdown vlan)/.test(line)),
      ).toEqual([])
    }),
  )
})
