import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { openSwitchPorts } from '../engine.ts'
import { carried, samePort } from '../port-state.ts'
import { fence, pxe, quarantine, tenant, testLease } from '../test-support/fake-switch.ts'
import { answer, end, type Os9Server, startOs9Server } from '../test-support/os9-server.ts'
import { Os9Terminal } from '../test-support/os9-terminal.ts'
import type { PortState, SwitchPorts } from '../types.ts'
import { cliPhases } from './batch.ts'
import { force10 } from './driver.ts'
import { channelMembers, parseConfig, portState } from './parse.ts'
import { planOs9 } from './plan.ts'
import { channelName } from './ports.ts'

const te = (n: number) => `TenGigabitEthernet 1/${n}`
const names = [te(1), te(2)]
const inLag = (lag: number, ...vlans: number[]): PortState => ({
  ...tenant(vlans[0] ?? 100, ...vlans.slice(1)),
  lag,
})
const both = (state: PortState) => new Map(names.map((name) => [name, state]))

function lagsOf(terminal: Os9Terminal): Map<number, string[]> {
  const channels = [...terminal.ports.keys()].filter((name) => name.startsWith('Port-channel'))
  return new Map(
    channels.map((name) => {
      const lag = Number(name.split(' ')[1])
      return [lag, names.filter((port) => terminal.ports.get(port)?.channel === lag)]
    }),
  )
}

const part = (some: ReadonlySet<number>, whole: ReadonlySet<number>) =>
  [...some].every((vlan) => whole.has(vlan))

/** Types what would be sent, up to the line number `cut`, and looks at both ports after every line. */
function bring(terminal: Os9Terminal, wanted: ReadonlyMap<string, PortState>, cut = Infinity): void {
  const before = new Map(names.map((name) => [name, terminal.state(name)]))
  const context = {
    vlansPresent: new Set(terminal.vlans.keys()),
    defaultVlan: 1,
    ownLags: lagsOf(terminal),
  }
  let typed = 0
  for (const call of cliPhases(planOs9(before, wanted, context)).flat()) {
    terminal.begin()
    for (const line of call.split('\r\n')) {
      if (typed++ >= cut) return
      terminal.type(line)
      for (const name of names) {
        const now = terminal.carried(name)
        const clean = [before.get(name), wanted.get(name)].some((state) => state && part(now, carried(state)))
        if (!clean) throw new Error(`${name} carries ${[...now]} after "${line}"`)
      }
    }
  }
}

describe('the lines for two ports', () => {
  const linesOf = (now: PortState, want: PortState, ownLags = new Map<number, string[]>()) =>
    planOs9(both(now), both(want), {
      vlansPresent: new Set([10, 100, 101]),
      defaultVlan: 1,
      ownLags,
    }).map(({ lines }) => lines)

  test('hand-over: the LAG has its VLANs before its first member, and nothing is open meanwhile', () => {
    expect(linesOf(pxe, inLag(5, 100))).toEqual([
      [
        `interface ${te(1)}`,
        ' shutdown',
        'interface vlan 10',
        ` no untagged ${te(1)}`,
        `interface ${te(1)}`,
        ' no switchport',
        ' no portmode hybrid',
        'interface Port-channel 5',
        ' portmode hybrid',
        ' switchport',
        'interface vlan 100',
        ' untagged Port-channel 5',
        'interface Port-channel 5',
        ' no shutdown',
        `interface ${te(1)}`,
        ' port-channel-protocol lacp',
        '  port-channel 5 mode active',
        `interface ${te(1)}`,
        ' no shutdown',
      ],
      [
        `interface ${te(2)}`,
        ' shutdown',
        'interface vlan 10',
        ` no untagged ${te(2)}`,
        `interface ${te(2)}`,
        ' no switchport',
        ' no portmode hybrid',
        `interface ${te(2)}`,
        ' port-channel-protocol lacp',
        '  port-channel 5 mode active',
        `interface ${te(2)}`,
        ' no shutdown',
      ],
    ])
  })

  test('from one LAG to another: shut meanwhile, and open then, whatever it was before', () => {
    for (const enabled of [true, false]) {
      const [first] = linesOf({ ...inLag(6, 100), enabled }, inLag(5, 100), new Map([[6, names]]))
      expect(first?.slice(0, 4)).toEqual([
        `interface ${te(1)}`,
        ' shutdown',
        `interface ${te(1)}`,
        ' no port-channel-protocol lacp',
      ])
      expect(first?.slice(-2)).toEqual([`interface ${te(1)}`, ' no shutdown'])
    }
  })

  test('one network more is told to the LAG, once, and the links stay up', () => {
    expect(linesOf(inLag(5, 100), inLag(5, 100, 101), new Map([[5, names]]))).toEqual([
      ['interface vlan 101', ' tagged Port-channel 5'],
    ])
  })

  test('release: the LAG goes after its last member', () => {
    const [first, last] = linesOf(inLag(5, 100), pxe, new Map([[5, names]]))
    expect(first?.slice(0, 4)).toEqual([
      `interface ${te(1)}`,
      ' shutdown',
      `interface ${te(1)}`,
      ' no port-channel-protocol lacp',
    ])
    expect(last?.at(-1)).toBe('no interface Port-channel 5')
    const phases = cliPhases([
      { port: te(1), lines: first ?? [] },
      { port: te(2), lines: last ?? [] },
    ])
    expect(phases).toHaveLength(3)
    expect(phases[1]?.at(-1)).toBe('no interface Port-channel 5')
  })
})

test('from any state to any other, cut off after any line and gone on with: nothing foreign, no LAG left over', () => {
  const pairs = [
    pxe,
    quarantine,
    tenant(100, 200),
    inLag(5, 100, 200),
    inLag(5, 101),
    inLag(6, 100),
    { ...inLag(5, 100), enabled: false },
  ].map(both)
  const mixed = new Map([
    [te(1), inLag(5, 100)],
    [te(2), pxe],
  ])
  const anywhere = fc.constantFrom(...pairs, mixed)
  fc.assert(
    fc.property(anywhere, anywhere, fc.nat(60), anywhere, (before, halfway, cut, wanted) => {
      const terminal = new Os9Terminal(both(pxe))
      bring(terminal, before)
      bring(terminal, halfway, cut)
      bring(terminal, wanted)
      // what a shut member left open is only seen once it carries something again
      bring(terminal, wanted)
      for (const [name, want] of wanted) expect(samePort(terminal.state(name), want)).toBe(true)
      const lags = new Set([...wanted.values()].flatMap(({ lag }) => lag ?? []))
      expect(new Set(lagsOf(terminal).keys())).toEqual(lags)
    }),
    { numRuns: 400 },
  )
})

test('a member reads as its port-channel, whatever OS9 prints between', () => {
  const config = parseConfig(
    [
      `interface ${te(1)}`,
      ' no ip address',
      '!',
      ' port-channel-protocol LACP',
      '  port-channel 5 mode active',
      ' no shutdown',
      '!',
      `interface ${te(2)}`,
      ' no ip address',
      ' no shutdown',
      '!',
      'interface Port-channel 5',
      ' no ip address',
      ' portmode hybrid',
      ' switchport',
      ` channel-member ${te(3)}`,
      ' no shutdown',
      '!',
      'interface Vlan 100',
      ' untagged Port-channel 5',
      '!',
      'interface Vlan 101',
      ' tagged Port-channel 4-5',
      '!',
    ].join('\r\n'),
  )
  expect(portState(config, te(1))).toEqual(inLag(5, 100, 101))
  expect(portState(config, te(2))).toMatchObject({ untagged: null, enabled: true })
  expect(channelMembers(config).get(5)).toEqual([te(3), te(1)])
})

describe('on the wire', () => {
  const open: { ports: SwitchPorts; os9: Os9Server }[] = []
  afterEach(async () => {
    for (const { ports, os9 } of open.splice(0)) {
      await ports.close()
      await os9.stop()
    }
  })

  async function start() {
    const os9 = await startOs9Server(both(pxe))
    const ports = openSwitchPorts({
      id: 'tor1',
      driver: force10,
      endpoint: { address: os9.address, username: 'admin', password: 's3cret' },
      fence: { ...fence, ports: new Set(['1/1', '1/2']), lagRange: { from: 5, to: 8 } },
      timeouts: { coalesceMs: 0, readRetryMs: [1, 1] },
    })
    open.push({ ports, os9 })
    const ensure = (state: PortState) =>
      ports.ensurePorts(testLease(), new Map([['1/1', state] as const, ['1/2', state] as const]))
    return { os9, ensure }
  }

  const faults: Record<string, (type: () => void, fail: (status: number, text: string) => void) => void> = {
    'yes, but nothing is done': (_type, fail) => fail(200, answer('Dell(conf)#')),
    'HTTP 500, all is done': (type, fail) => {
      type()
      fail(500, '')
    },
    refused: (_type, fail) => fail(200, answer('% Error: Resource busy.')),
  }

  test.each([
    ['hand-over', pxe, inLag(5, 100, 200)],
    ['release', inLag(5, 100, 200), pxe],
    ['a network more', inLag(5, 100), inLag(5, 100, 200)],
  ])('%s: any one write may fail', async (_name, before, wanted) => {
    for (const fault of Object.values(faults)) {
      for (let broken = 0; ; broken += 1) {
        const { os9, ensure } = await start()
        await ensure(before)
        let writes = 0
        os9.intercept = (_request, body, response) => {
          const text = /<config-commands>([\s\S]*)<\/config-commands>/.exec(body)?.[1]
          if (text === undefined || writes++ !== broken) return false
          os9.terminal.begin()
          fault(
            () => {
              for (const line of text.split('\r\n')) os9.terminal.type(line)
            },
            (status, said) => end(response, status, said),
          )
          return true
        }
        const ended = await ensure(wanted).then(
          () => 'done',
          (error: unknown) => String(error),
        )
        for (const name of names) {
          const now = os9.terminal.state(name)
          const clean = !now.enabled || samePort(now, before) || samePort(now, wanted)
          expect(clean, `${name} after write ${broken}: ${ended}`).toBe(true)
        }
        if (writes <= broken) {
          expect(ended).toBe('done')
          break
        }
        os9.intercept = () => false
        await ensure(pxe)
        expect([...os9.terminal.ports.keys()]).toEqual(names)
        expect(names.map((name) => os9.terminal.state(name))).toEqual([
          { ...pxe, prepared: true },
          { ...pxe, prepared: true },
        ])
      }
    }
  })

  test('MACs of a member are asked of its port-channel', async () => {
    const { ensure, os9 } = await start()
    await ensure(inLag(5, 100))
    const asked = () => os9.requests.filter((request) => request.includes('mac-address-table')).at(-1)
    await open[0]?.ports.readFdb('1/1')
    expect(asked()).toContain(channelName(5))
  })
})
