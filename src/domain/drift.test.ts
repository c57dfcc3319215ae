import { describe, expect, test } from 'vitest'
import type { ObservedHost, ObservedPort } from './drift.ts'
import { differences, wantedHost, wantedPort } from './drift.ts'
import type { Host, HostSituation } from './host.ts'
import type { Instance, InstanceNic, InstanceState } from './instance.ts'
import type { SeenPort } from './port-plan.ts'
import { ipmiBmc } from './test-support/host-bmc.ts'

const host: Host = {
  id: 'h',
  name: 'r1-h1',
  systemId: 'abc',
  bmc: ipmiBmc('10.0.0.1'),
  bootMac: '52:54:00:00:00:01',
  cpuCount: 8,
  cpuSpeedMhz: 0,
  memoryMib: 1024,
  architecture: 'amd64',
  tags: [],
  nics: [],
  disks: [],
  inPool: true,
  readOnly: false,
  attention: null,
  question: null,
  power: { state: 'off', at: null, since: null, lastKnown: null, failure: null },
  powerPolicy: 'report',
  maasEventSeen: 0,
}
const free: HostSituation = { host, hold: null, tenancy: null, dirty: false }
const taken: HostSituation = { ...free, tenancy: { instanceId: 'i' }, dirty: true }

const nic = (vlan: number, isDefault = false): InstanceNic => ({
  id: `nic${vlan}`,
  networkId: `net${vlan}`,
  mac: `02:01:00:00:00:${vlan % 100}`,
  vlan,
  isDefault,
})
const instance = (state: InstanceState, clear = state !== 'running'): Instance => ({
  id: 'i',
  name: 'web1',
  externalId: null,
  state,
  hostId: 'h',
  templateId: 't',
  offeringId: 'o',
  nics: [nic(101, true), nic(102)],
  erase: null,
  hostname: 'web1',
  error: null,
  createdAt: '2030-01-01T00:00:00Z',
  clearAt: clear ? '2030-01-01T01:00:00Z' : null,
  systemNics: null,
  tenant: null,
})

const access = (untagged: number): SeenPort => ({ mode: 'access', untagged, tagged: [], enabled: true })
const trunk: SeenPort = { mode: 'trunk', untagged: 101, tagged: [102], enabled: true }
const port = (running: SeenPort | null, saved = running): ObservedPort => ({
  switchId: '10.0.9.1',
  switch: '10.0.9.1',
  port: '1/1',
  nic: 'eno1',
  pxeVlan: 10,
  quarantineVlan: 999,
  running,
  saved,
})
const seen = (more: Partial<ObservedHost> = {}): ObservedHost => ({
  ports: [port(access(10))],
  bootDevice: { device: 'network', persistent: true, valid: true },
  power: 'off',
  maas: 'Ready',
  unread: [],
  ...more,
})
const running = (more: Partial<ObservedHost> = {}) =>
  seen({
    ports: [port(trunk)],
    bootDevice: { device: 'disk', persistent: true, valid: true },
    power: 'on',
    maas: 'Deployed',
    ...more,
  })

function found(situation: HostSituation, of: Instance | null, observed: ObservedHost) {
  const wanted = wantedHost(situation, of)
  if ('unknown' in wanted) throw new Error(wanted.unknown)
  return differences(wanted, observed).map(({ about, wanted, seen, remedy }) => [about, wanted, seen, remedy])
}

describe('a host as it should be has no differences', () => {
  test.for<[string, HostSituation, Instance | null, ObservedHost]>([
    ['free', free, null, seen()],
    ['running', taken, instance('running'), running()],
    ['stopped', taken, instance('stopped'), seen({ maas: 'Deployed' })],
    ['stopped, with its fixed VLANs kept', taken, instance('stopped', false), running({ power: 'off' })],
    ['failed, with its host kept', taken, instance('failed'), seen({ maas: 'Failed deployment' })],
  ])('%s', ([, situation, of, observed]) => {
    expect(found(situation, of, observed)).toEqual([])
  })
})

test('a running server: each difference, and what puts it right', () => {
  const observed = running({
    ports: [port(access(999), trunk), port(trunk, access(10)), port({ ...trunk, enabled: false }, null)],
    bootDevice: { device: 'network', persistent: true, valid: true },
    power: 'off',
    maas: 'Ready',
  })
  const wanted = 'trunk untagged 101 tagged 102'
  expect(found(taken, instance('running'), observed)).toEqual([
    ['port', wanted, 'access untagged 999', 'heal'],
    ['saved-port', wanted, 'access untagged 10', 'heal'],
    ['port', wanted, `${wanted}, shut down`, 'heal'],
    ['boot-device', 'disk, persistent', 'network, persistent', 'heal'],
    ['power', 'on', 'off', 'heal --power'],
    ['maas', 'Deployed', 'Ready', 'person'],
  ])
})

test('a free host with a tenant VLAN on its port', () => {
  expect(found(free, null, seen({ ports: [port(access(101))] }))).toEqual([
    ['port', 'access untagged 10', 'access untagged 101', 'heal'],
    ['saved-port', 'access untagged 10', 'access untagged 101', 'heal'],
  ])
})

test('boot flags that the BMC does not hold, or only for the next boot, are a difference', () => {
  for (const [flags, words] of [
    [{ device: 'network', persistent: false, valid: true }, 'network, once'],
    [{ device: 'network', persistent: true, valid: false }, 'none'],
  ] as const)
    expect(found(free, null, seen({ bootDevice: flags }))).toEqual([
      ['boot-device', 'network, persistent', words, 'heal'],
    ])
})

describe('where a host without a tenant belongs', () => {
  const parked = (power: 'on' | 'off' | 'unknown', now: SeenPort) =>
    wantedPort({ nics: null }, port(now), power).untagged
  test('confirmed off: the PXE VLAN', () => {
    expect(parked('off', access(999))).toBe(10)
  })
  test('on: quarantine, also out of the PXE VLAN', () => {
    expect(parked('on', access(10))).toBe(999)
  })
  test('unknown: it never gets the PXE VLAN, and is left in it', () => {
    expect(parked('unknown', access(10))).toBe(10)
    expect(parked('unknown', access(101))).toBe(999)
    expect(parked('unknown', trunk)).toBe(999)
  })
})

test('what could not be read is no difference', () => {
  const blind = seen({ ports: [port(null)], bootDevice: null, power: 'unknown', maas: null })
  expect(found(free, null, blind)).toEqual([])
})

test.for<[string, HostSituation, Instance | null, RegExp]>([
  ['read-only', { ...free, host: { ...host, readOnly: true } }, null, /only looked at/],
  ['held', { ...taken, hold: { operationId: 'o', kind: 'stop' } }, instance('stopping'), /changed by a stop/],
  ['without an operation', taken, instance('destroying'), /destroying, and no operation/],
])('nobody can say what a host is to be like that is %s', ([, situation, of, words]) => {
  expect(wantedHost(situation, of)).toEqual({ unknown: expect.stringMatching(words) })
})
