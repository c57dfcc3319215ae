import { describe, expect, test } from 'vitest'
import type { Instance, InstanceNic } from './instance.ts'
import { unknownToSystem } from './instance.ts'
import type { OperationFacts } from './why.ts'
import { whyInstance, whyOperation } from './why.ts'

const nic = (vlan: number, isDefault = false, mac = `02:01:00:00:00:${vlan % 100}`): InstanceNic => ({
  id: `nic${vlan}`,
  networkId: `net${vlan}`,
  mac,
  vlan,
  isDefault,
})

describe('what the installed system was not made with', () => {
  const made = [{ vlan: 102, mac: nic(102).mac }]
  test('attached since, or with another VLAN or MAC by now', () => {
    const now = [nic(101, true), nic(103), nic(102, false, '02:01:00:00:00:99')]
    expect(unknownToSystem(now, made).map((one) => one.vlan)).toEqual([102, 103])
  })
  test('the default network is the bond’s own; the same again is known; a detached one is no matter', () => {
    expect(unknownToSystem([nic(101, true), nic(102)], made)).toEqual([])
    expect(unknownToSystem([nic(101, true)], made)).toEqual([])
  })
  test('where nothing was recorded, nothing is claimed', () => {
    expect(unknownToSystem([nic(101, true), nic(102)], null)).toEqual([])
  })
})

test('a running server with such a network is well, and one thing can be done', () => {
  const instance: Instance = {
    id: 'i',
    name: 'web1',
    externalId: null,
    state: 'running',
    hostId: 'h',
    templateId: 't',
    offeringId: 'o',
    nics: [nic(101, true), nic(102)],
    erase: null,
    hostname: 'web1',
    error: null,
    createdAt: '2030-01-01T00:00:00Z',
    clearAt: null,
    systemNics: [],
    tenant: null,
  }
  const at = '2030-01-01T00:00:00Z'
  const power = { state: 'on' as const, at, since: at, lastKnown: null, failure: null }
  expect(whyInstance(instance, null, power, [{ name: 'green', vlan: 102, mac: 'm' }])).toMatchObject({
    well: true,
    blocks: null,
    evidence: [
      `BMC: power on at ${at}`,
      'its system was made without network green: it has an interface for VLAN 102 with MAC m only if its owner added one',
    ],
    action: expect.stringContaining('ferrule instance reinstall web1'),
  })
  expect(whyInstance(instance, null, power, [])).toMatchObject({ well: true, action: null })
})

test.for([
  ['deploy', 'deploy 7 ended as undone; everything it did was undone'],
  ['reinstall', 'reinstall 7 ended as undone; what could be taken back was undone'],
  ['heal', 'heal 7 ended as undone; what it had put right stays'],
] as const)('the end of a %s says what is left of it', ([kind, words]) => {
  const facts: OperationFacts = {
    number: 7,
    kind,
    state: 'undone',
    error: null,
    parked: null,
    startedAt: null,
    endedAt: '2030-01-01T00:00:00Z',
    step: null,
    notes: [],
    waitsFor: null,
    switches: [],
  }
  expect(whyOperation(facts).summary).toBe(words)
})
