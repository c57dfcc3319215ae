import { describe, expect, test } from 'vitest'
import { type CloudVm, differenceOf, isOurs, isRipe, needsPerson, unknownVm } from './cloud-view.ts'
import type { Instance, InstanceState } from './instance.ts'

const nics = [
  { id: 'a', networkId: 'n', mac: '02:01:00:cc:00:01', vlan: 300, isDefault: true },
  { id: 'b', networkId: 'm', mac: '02:01:00:cd:00:01', vlan: 301, isDefault: false },
]

function instance(state: InstanceState, hostId: string | null = 'h'): Instance {
  return {
    ...{ id: 'i', name: 'i-2-3-VM', externalId: 'vm', state, hostId, templateId: 't', offeringId: 'o', nics },
    ...{
      erase: null,
      hostname: 'web1',
      error: null,
      createdAt: '',
      clearAt: null,
      systemNics: null,
      tenant: null,
    },
  }
}

function vm(state: string, seen: CloudVm['nics'] = nics): CloudVm {
  return { id: 'vm', name: 'web1', state, hostId: null, wasPrepared: true, tenant: null, nics: seen }
}

describe('a VM that CloudStack has no more', () => {
  test.each(['running', 'stopped', 'parked', 'failed'] as const)(
    '%s, with a host: told, and kept',
    (state) => {
      expect(differenceOf(instance(state), undefined)).toMatchObject({
        code: 'vm-gone',
        message: expect.stringContaining(`its server is kept (${state})`),
      })
    },
  )

  test('a deployment that failed leaves a record that ends by itself, and nobody is told', () => {
    const over = differenceOf(instance('failed', null), undefined)
    expect(over?.code).toBe('vm-over')
    expect(needsPerson({ code: 'vm-over', looks: 9 })).toBe(false)
    expect(differenceOf(instance('destroying', null), undefined)).toBeNull()
  })

  test('one or two looks may be wrong', () => {
    expect([1, 2, 3].map((looks) => isRipe({ looks }))).toEqual([false, false, true])
  })
})

describe('a VM that is there', () => {
  test.each([
    ['running', 'Running'],
    ['stopped', 'Stopped'],
    ['stopped', 'Destroyed'],
    ['deploying', 'Starting'],
    ['failed', 'Error'],
  ] as const)('%s here and %s there agree', (state, word) => {
    expect(differenceOf(instance(state), vm(word))).toBeNull()
  })

  test.each([
    ['running', 'Stopped'],
    ['stopped', 'Running'],
  ] as const)('%s here and %s there do not', (state, word) => {
    expect(differenceOf(instance(state), vm(word))?.code).toBe('vm-state')
  })

  test('its NICs are compared by MAC and VLAN while it runs; more NICs on the server are no difference', () => {
    const [first] = nics
    if (first === undefined) throw new Error('there are NICs')
    expect(differenceOf(instance('running'), vm('Running', [first]))).toBeNull()
    expect(differenceOf(instance('running'), vm('Running', [{ mac: first.mac, vlan: null }]))).toBeNull()
    const other = [
      { mac: first.mac, vlan: 302 },
      { mac: '02:01:00:ce:00:01', vlan: 303 },
    ]
    expect(differenceOf(instance('running'), vm('Running', other))?.message).toMatch(
      /NIC 02:01:00:cc:00:01 is in VLAN 300 instead of 302; NIC 02:01:00:ce:00:01 is not on the server$/,
    )
    // the next start brings them
    expect(differenceOf(instance('stopped'), vm('Stopped', other))).toBeNull()
  })
})

describe('a VM that CloudStack runs and nobody here knows', () => {
  const lost = { ...vm('Running'), id: 'x', name: 'i-2-9-VM' }

  test('is told as long as it runs', () => {
    expect(unknownVm(lost)).toMatchObject([
      {
        key: 'vm:x',
        name: 'i-2-9-VM',
        code: 'vm-unknown',
        message: expect.stringContaining('i-2-9-VM runs'),
      },
    ])
    for (const state of ['Stopped', 'Starting', 'Destroyed', 'Error'])
      expect(unknownVm({ ...lost, state })).toEqual([])
  })

  test('is ours if our prepare was there, or if it runs on a host of our extension', () => {
    const ours = new Set(['h1'])
    expect(isOurs({ ...lost, wasPrepared: true }, ours)).toBe(true)
    expect(isOurs({ ...lost, wasPrepared: false, hostId: 'h1' }, ours)).toBe(true)
    expect(isOurs({ ...lost, wasPrepared: false, hostId: 'proxmox' }, ours)).toBe(false)
    expect(isOurs({ ...lost, wasPrepared: false, hostId: null }, ours)).toBe(false)
  })

  test('one whose deployment failed here is told of its own', () => {
    expect(differenceOf(instance('failed', null), vm('Running'))).toMatchObject({ code: 'vm-state' })
    expect(differenceOf(instance('failed', null), vm('Error'))).toBeNull()
  })
})
