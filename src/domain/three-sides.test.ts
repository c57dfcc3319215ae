import { describe, expect, test } from 'vitest'
import type { Instance } from './instance.ts'
import { type CloudSight, type PortSide, type SidesFacts, sidesInWords, threeSides } from './three-sides.ts'

const EARLY = '2026-01-01T00:00:00.000Z'
const CHANGED = '2026-01-01T00:01:00.000Z'
const LATE = '2026-01-01T00:02:00.000Z'
const MAC = '02:01:00:cc:00:01'
const FURTHER = '02:01:00:cc:00:02'

const instance = (more: Partial<Instance> = {}): Instance => ({
  ...{ id: 'i', name: 'i-2-3-VM', externalId: 'vm', tenant: null, state: 'running', hostId: 'h' },
  ...{ templateId: 't', offeringId: 'o', erase: null, hostname: 'web1', error: null, createdAt: EARLY },
  ...{ clearAt: null, systemNics: null },
  nics: [{ id: 'n', networkId: 'blue', mac: MAC, vlan: 300, isDefault: true }],
  ...more,
})
const access = (untagged: number) => ({ mode: 'access' as const, untagged, tagged: [], enabled: true })
const port = (running: number, more: Partial<PortSide> = {}, saved = running): PortSide => ({
  ...{ switch: '10.0.0.2', port: '1/1', wanted: access(300), failure: null },
  seen: { running: access(running), saved: access(saved), at: LATE },
  ...more,
})
const cloud = (state: string, nics = [{ mac: MAC, vlan: 300 as number | null }]): CloudSight => ({
  ...{ vm: { state, nics }, at: LATE },
})
const sides = (more: Partial<SidesFacts> = {}) =>
  threeSides({
    ...{ instance: instance(), networks: new Map([['blue', 'blue']]), cloud: cloud('Running') },
    ...{ ports: [port(300)], busy: null, changedAt: CHANGED, ...more },
  })
const differing = (more: Partial<SidesFacts>) =>
  sides(more)
    .rows.filter(({ differs }) => differs)
    .map(({ thing, cloudstack, ferrule, switch: carried }) => [thing, cloudstack, ferrule, carried])

describe('three sides', () => {
  test('agree only when all were seen since the last change', () => {
    expect(sides()).toMatchObject({ agree: true, unsure: null, cloudstackSeenAt: LATE })
    const unsure: [string, Partial<SidesFacts>][] = [
      ["CloudStack's records were not looked at", { cloud: null }],
      [
        "CloudStack's records were not looked at since its last change",
        { cloud: { ...cloud('Running'), at: EARLY } },
      ],
      ['port 1/1 of switch 10.0.0.2 was not looked at', { ports: [port(300, { seen: null })] }],
      [
        'port 1/1 of switch 10.0.0.2 could not be looked at: silent',
        { ports: [port(300, { failure: 'silent' })] },
      ],
      [
        'what port 1/1 of switch 10.0.0.2 is to carry cannot be said now',
        { ports: [port(300, { wanted: null })] },
      ],
      ['stop 7 changes it', { busy: 'stop 7 changes it', ports: [port(999)] }],
    ]
    for (const [said, facts] of unsure) expect(sides(facts)).toMatchObject({ agree: null, unsure: said })
  })

  test('what was seen before the last change is no evidence, neither of harmony nor of a difference', () => {
    const old = { running: access(999), saved: access(999), at: EARLY }
    const ports = [port(300, { seen: old })]
    expect(sides({ ports, cloud: { ...cloud('Stopped'), at: EARLY } })).toMatchObject({
      ...{ agree: null, cloudstackSeenAt: null },
      rows: [{ cloudstack: null }, { cloudstack: null, switch: null }, { switch: null, switchSeenAt: null }],
    })
  })

  test('a difference counts, whatever else could not be seen', () => {
    expect(sides({ cloud: null, ports: [port(999)] }).agree).toBe(false)
    expect(differing({ ports: [port(999)] })).toEqual([
      ['switch 10.0.0.2 port 1/1', 'VLAN 300', 'access untagged 300', 'access untagged 999'],
    ])
    expect(differing({ ports: [port(300, {}, 10)] })).toEqual([
      [
        ...['switch 10.0.0.2 port 1/1', 'VLAN 300', 'access untagged 300'],
        'access untagged 300, saved as access untagged 10',
      ],
    ])
    expect(differing({ cloud: { vm: null, at: LATE } })).toEqual([['state', 'no VM', 'running', null]])
    expect(differing({ cloud: cloud('Running', [{ mac: MAC, vlan: 305 }]) })).toEqual([
      [`NIC ${MAC} (blue)`, 'VLAN 305', 'VLAN 300', 'VLAN 300 untagged'],
    ])
    const two = [
      { mac: MAC, vlan: 300 },
      { mac: FURTHER, vlan: 301 },
    ]
    expect(differing({ cloud: cloud('Running', two) })).toEqual([
      [`NIC ${FURTHER}`, 'VLAN 301', 'none', 'none'],
    ])
  })

  test('a stopped VM: a VLAN that CloudStack has not given yet is none, a NIC that is gone there is a difference', () => {
    const stopped = instance({ state: 'stopped', clearAt: CHANGED })
    const ports = [port(10, { wanted: access(10) })]
    const seen = { instance: stopped, ports }
    expect(sides({ ...seen, cloud: cloud('Stopped', [{ mac: MAC, vlan: null }]) }).agree).toBe(true)
    expect(differing({ ...seen, cloud: cloud('Stopped', []) })).toEqual([
      [`NIC ${MAC} (blue)`, 'none', 'VLAN 300', 'none'],
    ])
    // of a running one, an administrator attaches networks that CloudStack does not know
    expect(sides({ cloud: cloud('Running', []) }).agree).toBe(true)
  })

  test('a VLAN on one of two ports alone is told with switch and port', () => {
    const { rows } = sides({ ports: [port(300), port(999, { port: '1/2' })] })
    expect(rows[1]?.switch).toBe('VLAN 300 untagged on 10.0.0.2 1/1, not on 10.0.0.2 1/2')
  })

  test('in words: a line for each side, with when it was seen', () => {
    expect(sidesInWords(sides({ ports: [port(999)] }))).toEqual([
      `CloudStack: Running, NIC ${MAC} (blue) VLAN 300 (seen ${LATE})`,
      `Ferrule: running, NIC ${MAC} (blue) VLAN 300, ports to be access untagged 300`,
      `switch 10.0.0.2 port 1/1: access untagged 999 (seen ${LATE})`,
    ])
    const own = sides({ instance: instance({ externalId: null }), cloud: null, ports: [] })
    expect(own.agree).toBe(true)
    expect(sidesInWords(own)).toEqual([`Ferrule: running, NIC ${MAC} (blue) VLAN 300`])
  })
})
