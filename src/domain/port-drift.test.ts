import { expect, test } from 'vitest'
import type { Host } from './host.ts'
import type { InstanceNic } from './instance.ts'
import {
  driftChange,
  driftOfOneHost,
  inWords,
  type PortDrift,
  portDrift,
  type SeenSwitch,
} from './port-drift.ts'
import type { SeenPort } from './port-plan.ts'

const access = (untagged: number): SeenPort => ({ mode: 'access', untagged, tagged: [], enabled: true })
const blue: InstanceNic[] = [
  { id: 'n', networkId: 'blue', vlan: 101, mac: '02:00:00:00:00:01', isDefault: true },
] as unknown as InstanceNic[]
const host = (power: 'on' | 'off' | 'unknown') =>
  ({ id: 'h', name: 'r1-h1', power: { state: power } }) as unknown as Host
const at = '2030-01-01T00:00:00.000Z'
const later = '2030-01-01T00:05:00.000Z'
const seen = (running: SeenPort, saved = running): SeenSwitch => ({
  address: '10.0.0.2',
  pxeVlan: 10,
  quarantineVlan: 999,
  running: new Map([['1/1', running]]),
  saved: new Map([['1/1', saved]]),
})
const ports = [{ switchId: '10.0.0.2', port: '1/1' }]
const look = (wanted: InstanceNic[] | null, power: 'on' | 'off' | 'unknown', what: SeenSwitch) =>
  portDrift(host(power), { nics: wanted }, ports, what, at).map(inWords)

test('what is as wanted, running and saved, is no drift; what the switch does not show is none either', () => {
  expect(look(blue, 'on', seen(access(101)))).toEqual([])
  expect(look(null, 'off', seen(access(10)))).toEqual([])
  expect(look(blue, 'on', { ...seen(access(101)), saved: new Map() })).toEqual([])
})

test('running and saved each count, and the words say which', () => {
  expect(look(blue, 'on', seen(access(200)))).toEqual([
    'port 1/1 is access untagged 200 instead of access untagged 101',
  ])
  expect(look(blue, 'on', seen(access(200), access(10)))).toEqual([
    'port 1/1 is access untagged 200 instead of access untagged 101, and saved as access untagged 10',
  ])
  expect(look(blue, 'on', seen(access(101), access(10)))).toEqual([
    'port 1/1 is as wanted, but saved as access untagged 10 instead of access untagged 101',
  ])
})

test('where a host without a server belongs depends on its power', () => {
  expect(look(null, 'on', seen(access(10)))).toEqual([
    'port 1/1 is access untagged 10 instead of access untagged 999',
  ])
  expect(look(null, 'unknown', seen(access(10)))).toEqual([])
  expect(look(null, 'unknown', seen(access(999)))).toEqual([])
})

const drift = (over: Partial<PortDrift> = {}): PortDrift => ({
  hostId: 'h',
  host: 'r1-h1',
  port: '1/1',
  wanted: 'access untagged 101',
  running: 'access untagged 200',
  saved: 'access untagged 200',
  since: at,
  ...over,
})
const nobody = new Set<string>()

test('drift appears once, keeps its beginning, and is gone once', () => {
  expect(driftChange([], [drift()], nobody)).toEqual({ drift: [drift()], appeared: [drift()], gone: [] })
  expect(driftChange([drift()], [drift({ since: later })], nobody)).toEqual({
    drift: [drift()],
    appeared: [],
    gone: [],
  })
  expect(driftChange([drift()], [], nobody)).toEqual({ drift: [], appeared: [], gone: [drift()] })
})

test('another drift of the same port is told anew, and the old one is not called over', () => {
  const other = drift({ running: 'access untagged 300', since: later })
  expect(driftChange([drift()], [other], nobody)).toEqual({ drift: [other], appeared: [other], gone: [] })
})

test('of a host that an operation changes, nothing is told and the old word stands', () => {
  expect(driftChange([drift()], [drift({ running: 'access untagged 10' })], new Set(['h']))).toEqual({
    drift: [drift()],
    appeared: [],
    gone: [],
  })
})

test('a person reads one sentence for a host, with its first moment', () => {
  expect(driftOfOneHost([drift({ since: later }), drift({ port: '1/2' })])).toEqual({
    blocks:
      'not as wanted: port 1/1 is access untagged 200 instead of access untagged 101; port 1/2 is access untagged 200 instead of access untagged 101',
    since: at,
  })
})
