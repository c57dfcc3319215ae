import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BondMode } from './bond-plan.ts'
import type { Host, HostSituation } from './host.ts'
import type { Offering } from './offering.ts'
import { chooseHost, type Demand, tiedByMac } from './planner.ts'
import { ipmiBmc } from './test-support/host-bmc.ts'

const offering: Offering = {
  id: 'o',
  name: 'small',
  cpuCount: 8,
  cpuSpeedMhz: 0,
  memoryMib: 32_768,
  hostTags: [],
  architecture: 'amd64',
  planner: 'BareMetalPlanner',
  match: 'equal',
  erase: null,
  bondMode: 'active-backup',
  diskLayout: null,
}

const demand: Demand = {
  offering,
  architecture: 'amd64',
  networks: 1,
  avoid: new Set(),
  reservedHostIds: new Set(),
  reservedForUs: null,
  lagSwitches: new Map(),
  only: [],
  ownInCloud: new Map(),
}

test('a host whose disks cannot have the offering’s layout is passed by, with the reason', () => {
  const disks = (...names: string[]) => names.map((name) => ({ name, serial: name, model: '', size: 480e9 }))
  const wanted = { ...offering, diskLayout: { name: 'bcache', rootDisk: null, rootSize: null } as const }
  const fleet = [host('a', { disks: disks('sda') }), host('b', { disks: disks('sda', 'sdb') })]
  expect(chooseHost({ ...demand, offering: wanted }, fleet)).toMatchObject({
    host: 'b',
    refused: [{ host: 'a', reasons: ['disk layout bcache needs two disks or more, and it has one'] }],
  })
})

test('a machine that is a host of its own in CloudStack is kept out of a pool, with the reason', () => {
  const ownInCloud = new Map([['a', 'metal-a']])
  const choice = chooseHost({ ...demand, ownInCloud }, [host('a'), host('b')])
  expect(choice.host).toBe('b')
  expect(choice.refused).toEqual([
    {
      ...{ hostId: 'a', host: 'a' },
      reasons: ['is host metal-a of its own in CloudStack, so that no VM of a pool gets it'],
    },
  ])
  // by itself CloudStack, or the operator, may give it out
  expect(chooseHost(demand, [host('a'), host('b')]).host).toBe('a')
})

describe('an offering whose bond is 802.3ad', () => {
  const lagSwitches = new Map([
    [
      's',
      { address: '10.0.0.2', type: 'Any', creates: true, range: { from: 5, to: 6 }, taken: new Set([5]) },
    ],
    [
      'full',
      { address: '10.0.0.3', type: 'Any', creates: true, range: { from: 5, to: 5 }, taken: new Set([5]) },
    ],
    ['plain', { address: '10.0.0.4', type: 'Any', creates: true, range: null, taken: new Set<number>() }],
    ['old', { address: '10.0.0.5', type: 'Old', creates: false, range: null, taken: new Set<number>() }],
  ])
  const wired = (name: string, ...switches: string[]) =>
    host(name, {
      nics: switches.map((switchId, index) => ({
        name: `eno${index + 1}`,
        mac: `52:54:00:00:00:0${index}`,
        port: { switchId, port: `1/${index + 1}` },
      })),
    })
  const ask = (...fleet: HostSituation[]) =>
    chooseHost({ ...demand, lagSwitches, offering: { ...offering, bondMode: '802.3ad' } }, fleet)

  test('goes to a host whose switch can be given a LAG', () => {
    expect(ask(wired('one', 's'), wired('two', 's', 's')).host).toBe('two')
    expect(chooseHost({ ...demand, lagSwitches }, [wired('one', 'old')]).host).toBe('one')
  })

  test.each([
    ['needs two wired NICs', ['s']],
    ['10.0.0.2 and 10.0.0.3', ['s', 'full']],
    ['every LAG of switch 10.0.0.3 is taken (5-5)', ['full', 'full']],
    ['10.0.0.4 has no lagRange', ['plain', 'plain']],
    ['driver of switch 10.0.0.5 (Old) makes no LAGs', ['old', 'old']],
  ])('is refused where it cannot be: %s', (reason, switches) => {
    expect(ask(wired('h', ...switches)).refused[0]?.reasons).toEqual([expect.stringContaining(reason)])
  })

  describe('with NICs in a LAG that people made', () => {
    const inLag = (...lags: string[]) =>
      host('h', {
        nics: lags.map((lag, index) => ({
          name: `eno${index + 1}`,
          mac: `52:54:00:00:00:0${index}`,
          port:
            lag === ''
              ? { switchId: 'old', port: 'e9' }
              : { switchId: 'old', port: lag, member: `e${index}` },
        })),
      })
    const reasons = (bondMode: BondMode, ...lags: string[]) =>
      chooseHost({ ...demand, lagSwitches, offering: { ...offering, bondMode } }, [inLag(...lags)]).refused[0]
        ?.reasons

    test('it is for 802.3ad, whatever its driver makes, and with all its NICs in that one', () => {
      expect(reasons('802.3ad', 'po1', 'po1')).toBeUndefined()
      for (const mode of ['active-backup', 'balance-alb'] as const)
        expect(reasons(mode, 'po1', 'po1')).toEqual([expect.stringContaining(`and this one is ${mode}`)])
      expect(reasons('802.3ad', 'po1', 'po2')).toEqual([expect.stringContaining('po1 of switch old and po2')])
      expect(reasons('802.3ad', 'po1', '')).toEqual([expect.stringContaining('every wired NIC, or in none')])
      expect(reasons('802.3ad', 'po1')).toEqual([expect.stringContaining('two wired NICs')])
    })
  })
})

function host(name: string, more: Partial<Host> = {}, situation: Partial<HostSituation> = {}): HostSituation {
  return {
    host: {
      id: name,
      name,
      systemId: name,
      bmc: ipmiBmc(name),
      bootMac: '52:54:00:00:00:01',
      cpuCount: 8,
      cpuSpeedMhz: 2400,
      memoryMib: 32_768,
      architecture: 'amd64',
      tags: [],
      nics: [{ name: 'eno1', mac: '52:54:00:00:00:01', port: { switchId: 's', port: '1/1' } }],
      disks: [],
      inPool: true,
      readOnly: false,
      attention: null,
      question: null,
      power: { state: 'off', at: null, since: null, lastKnown: null, failure: null },
      powerPolicy: 'report',
      maasEventSeen: 0,
      ...more,
    },
    hold: null,
    tenancy: null,
    dirty: false,
    ...situation,
  }
}

describe('the planner', () => {
  test('takes the first fitting host by name, numbers in their order', () => {
    expect(chooseHost(demand, [host('h10'), host('h2')])).toMatchObject({
      host: 'h2',
      runnersUp: [{ host: 'h10' }],
    })
  })

  test('CPU and memory are equal by default, and at least by option; the smallest waste wins then', () => {
    const large = host('large', { cpuCount: 16, memoryMib: 65_536 })
    expect(chooseHost(demand, [large])).toMatchObject({
      host: null,
      refused: [{ host: 'large', reasons: ['has 16 CPUs, not 8', 'has 65536 MiB of memory, not 32768'] }],
    })
    const atLeast = { ...demand, offering: { ...offering, match: 'atLeast' as const } }
    expect(chooseHost(atLeast, [large]).host).toBe('large')
    expect(chooseHost(atLeast, [large, host('small')])).toMatchObject({
      host: 'small',
      runnersUp: [{ host: 'large', reasons: ['fits, but is larger than needed'] }],
    })
  })

  test.each<[string, HostSituation, string]>([
    ['dirty', host('h', {}, { dirty: true }), 'its disks are not proven erased'],
    ['taken', host('h', {}, { tenancy: { instanceId: 'i' } }), 'carries an instance'],
    ['held', host('h', {}, { hold: { operationId: 'op', kind: 'stop' } }), 'is held by operation op (stop)'],
    ['being wiped', host('h', {}, { hold: { operationId: 'op', kind: 'destroy' } }), 'is being erased'],
    ['read-only', host('h', { readOnly: true }), 'was adopted while deployed and is read-only'],
    ['not in the pool', host('h', { inPool: false }), 'is not in the pool'],
    ['without a tag', host('h'), 'lacks host tag gpu'],
    ['of another architecture', host('h', { architecture: 'arm64' }), 'architecture is arm64, not amd64'],
    ['wired nowhere', host('h', { nics: [] }), 'no NIC of it is wired to a switch port in the rack file'],
  ])('says why a host is refused: %s', (what, situation, reason) => {
    const tagged =
      what === 'without a tag' ? { ...demand, offering: { ...offering, hostTags: ['gpu'] } } : demand
    const choice = chooseHost(tagged, [situation])
    expect(choice.hostId).toBeNull()
    expect(choice.refused[0]?.reasons).toContain(reason)
  })

  test('a reservation binds both ways', () => {
    const reserved = { ...demand, reservedHostIds: new Set(['h1']) }
    expect(chooseHost(reserved, [host('h1'), host('h2')]).host).toBe('h2')
    expect(chooseHost({ ...reserved, reservedForUs: 'h1' }, [host('h1'), host('h2')]).host).toBe('h1')
  })

  test('whatever the fleet: every host is chosen, a runner-up or refused with a reason; order does not matter', () => {
    const anyHost = fc
      .record({
        cpu: fc.constantFrom(8, 16),
        dirty: fc.boolean(),
        taken: fc.boolean(),
        held: fc.boolean(),
        pool: fc.boolean(),
        arch: fc.constantFrom('amd64', 'arm64'),
      })
      .map(
        (one) => (name: string) =>
          host(
            name,
            { cpuCount: one.cpu, inPool: one.pool, architecture: one.arch },
            {
              dirty: one.dirty,
              tenancy: one.taken ? { instanceId: 'i' } : null,
              hold: one.held ? { operationId: 'op', kind: 'stop' } : null,
            },
          ),
      )
    fc.assert(
      fc.property(fc.array(anyHost, { maxLength: 12 }), (makers) => {
        const fleet = makers.map((make, index) => make(`h${index}`))
        const choice = chooseHost(demand, fleet)
        const named = [
          choice.hostId,
          ...choice.runnersUp.map((one) => one.hostId),
          ...choice.refused.map((one) => one.hostId),
        ]
        expect(named.filter((id) => id !== null).sort()).toEqual(fleet.map((one) => one.host.id).sort())
        expect(choice.refused.every((one) => one.reasons.length > 0)).toBe(true)
        const winner = fleet.find((one) => one.host.id === choice.hostId)
        if (winner) expect(winner).toMatchObject({ dirty: false, tenancy: null, hold: null })
        expect(chooseHost(demand, [...fleet].reverse()).hostId).toBe(choice.hostId)
      }),
    )
  })
})

describe('what ties an instance to one host', () => {
  const nic = (mac: string) => [{ name: 'eno1', mac, port: { switchId: 's', port: '1/1' } }]
  const fleet = [
    host('h1', { bootMac: '52:54:00:00:00:01', nics: nic('52:54:00:00:00:01') }),
    host('h2', { bootMac: '52:54:00:00:00:02', nics: nic('52:54:00:00:00:02') }),
    host(
      'h3',
      { bootMac: '52:54:00:00:00:03', nics: nic('52:54:00:00:00:03'), attention: null },
      { dirty: true },
    ),
  ]

  test("a host's own MAC: that host, and the others say why not", () => {
    const choice = chooseHost({ ...demand, only: tiedByMac(fleet, '52:54:00:00:00:02') }, fleet)
    expect(choice.host).toBe('h2')
    expect(choice.refused.find((one) => one.host === 'h1')?.reasons).toEqual([
      "the default NIC has h2's own MAC 52:54:00:00:00:02",
    ])
  })

  test('when that host cannot be had, no other takes its place', () => {
    const choice = chooseHost({ ...demand, only: tiedByMac(fleet, '52:54:00:00:00:03') }, fleet)
    expect(choice.host).toBeNull()
    expect(choice.refused).toHaveLength(3)
    const elsewhere = { ...demand, only: [{ hostId: null, because: 'CloudStack chose another' }] }
    expect(chooseHost(elsewhere, fleet).host).toBeNull()
  })

  test('a MAC of CloudStack ties to none', () => {
    expect(tiedByMac(fleet, '02:01:00:cc:00:01')).toEqual([])
    expect(tiedByMac(fleet, undefined)).toEqual([])
  })
})
