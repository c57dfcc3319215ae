import { describe, expect, test } from 'vitest'
import {
  type CloudHost,
  goneHost,
  type KnownCloudHost,
  matchCloudHosts,
  mayEnlist,
  ownInCloud,
  tiedByCloudHost,
  unknownHost,
} from './cloud-host.ts'
import type { HostSituation } from './host.ts'

function cloud(name: string, mac: string, address: string | null = name): CloudHost {
  return {
    ...{ id: `cs-${name}`, name, bootMac: mac, cpuCount: 8, cpuSpeedMhz: 0, memoryMib: 32_768 },
    ...{ architecture: 'amd64', tags: [], isOwn: true },
    bmc: { address, username: 'admin', password: name, protocol: undefined },
  }
}

/** As far as the rules read it. */
function own(name: string, mac: string, more: Partial<HostSituation> = {}): HostSituation {
  const host = {
    id: name,
    name,
    bootMac: mac,
    nics: [{ name: 'eno1', mac, port: null }],
    bmc: { address: name },
  }
  return { hold: null, tenancy: null, dirty: false, ...more, host: host as unknown as HostSituation['host'] }
}

const known: KnownCloudHost = {
  ...{
    cloudId: 'cs-h1',
    name: 'h1',
    hostId: 'h1',
    withdrawn: false,
    settled: true,
    isOwn: true,
    enlistment: null,
  },
}

describe("which machine a host of CloudStack's is", () => {
  const fleet = [own('h1', '52:54:00:00:00:01'), own('h2', '52:54:00:00:00:02')]
  const matched = (...hosts: CloudHost[]) =>
    matchCloudHosts(hosts, fleet).map(({ hostId, fault }) => fault?.message ?? hostId)

  test('by its MAC, else by its BMC, else none', () => {
    expect(matched(cloud('a', '52:54:00:00:00:01'))).toEqual(['h1'])
    expect(matched(cloud('a', '52:54:00:00:00:99', 'h2'))).toEqual(['h2'])
    expect(matched(cloud('a', '52:54:00:00:00:99'))).toEqual([null])
    expect(matched(cloud('a', '52:54:00:00:00:99', null))).toEqual([null])
  })

  test('what is not unequivocal is said of each of them', () => {
    expect(matched(cloud('a', '52:54:00:00:00:01', 'h2'))).toEqual([
      'host a of CloudStack has the MAC of h1 and the BMC of h2',
    ])
    expect(matched(cloud('a', '52:54:00:00:00:01'), cloud('b', '52:54:00:00:00:01'))).toEqual([
      'CloudStack has two hosts with the same MAC or BMC: a and b',
      'CloudStack has two hosts with the same MAC or BMC: b and a',
    ])
    expect(matched(cloud('a', '52:54:00:00:00:01', 'x'), cloud('b', '52:54:00:00:00:99', 'h1'))).toEqual([
      'CloudStack has two hosts for one machine: a and b',
      'CloudStack has two hosts for one machine: b and a',
    ])
  })

  test('what CloudStack has as a host of its own is known by its name, until it is gone there', () => {
    const known = [
      { cloudId: 'cs-1', hostId: 'h1', name: 'metal-1', isOwn: true },
      { cloudId: 'cs-2', hostId: 'h2', name: 'metal-2', isOwn: true },
      { cloudId: 'cs-3', hostId: null, name: 'never-enlisted', isOwn: true },
      // of the old bare-metal plugin: CloudStack sends nothing of the extension's there
      { cloudId: 'cs-4', hostId: 'h4', name: '10.0.0.4', isOwn: false },
    ]
    expect([...ownInCloud(known, new Set(['cs-2']))]).toEqual([['h1', 'metal-1']])
  })

  test('a VM goes to the machine that CloudStack chose, or to none', () => {
    expect(tiedByCloudHost(fleet, null)).toEqual([])
    expect(tiedByCloudHost(fleet, { mac: '52:54:00:00:00:02', name: null })).toMatchObject([{ hostId: 'h2' }])
    expect(tiedByCloudHost(fleet, { mac: null, name: 'h1' })).toMatchObject([{ hostId: 'h1' }])
    expect(tiedByCloudHost(fleet, { mac: '52:54:00:00:00:99', name: 'h1' })).toMatchObject([
      { hostId: null, because: expect.stringContaining('which Ferrule does not have') },
    ])
  })
})

describe('what is told, and what may be done', () => {
  const host = cloud('h1', '52:54:00:00:00:01')

  test('a new one; one that could not be enlisted; one that a person removed here', () => {
    expect(unknownHost(host, undefined, 'report')).toMatchObject({
      code: 'host-unknown',
      remedy: expect.stringContaining('ferrule host add'),
    })
    const error = { message: 'the BMC says no', remedy: 'Correct its password.' }
    const failed = {
      ...known,
      hostId: null,
      settled: false,
      enlistment: { digest: 'd', at: 0, ended: true, error },
    }
    expect(unknownHost(host, failed, 'enlist')).toMatchObject({
      code: 'host-failed',
      message: expect.stringContaining('the BMC says no'),
    })
    // an enlistment may erase its disks
    expect(unknownHost(host, { ...failed, settled: true }, 'enlist').code).toBe('host-removed')
  })

  test('an enlistment that failed is left alone for an hour, unless something has changed', () => {
    const at = (ended: boolean) => ({ enlistment: { digest: 'd', at: 1_000, ended, error: null } })
    expect(mayEnlist({ enlistment: null }, 'd', 0)).toBe(true)
    expect(mayEnlist(at(true), 'd', 60_000)).toBe(false)
    expect(mayEnlist(at(true), 'other', 60_000)).toBe(true)
    expect(mayEnlist(at(true), 'd', 3_700_000)).toBe(true)
    expect(mayEnlist(at(false), 'other', 3_700_000)).toBe(false)
  })

  test('one that is gone: what is on it stays', () => {
    const free = own('h1', '52:54:00:00:00:01')
    expect(goneHost(known, free, 'report').message).toContain('still in the pool')
    expect(goneHost(known, free, 'enlist').message).toContain('out of the pool, and stays in MAAS')
    const used = own('h1', '52:54:00:00:00:01', { tenancy: { instanceId: 'i' } })
    expect(goneHost(known, used, 'enlist').message).toContain('carries an instance: it stays as it is')
  })
})
