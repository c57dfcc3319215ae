import { describe, expect, test } from 'vitest'
import { FerruleError } from '../../domain/errors.ts'
import { fencedPorts } from './fence.ts'
import { FakeSwitch, fence, pxe, quarantine, tenant } from './test-support/fake-switch.ts'
import type { PortState } from './types.ts'

const device = new FakeSwitch()
const check = (wanted: [string, PortState][]) =>
  fencedPorts('tor1', new Map(wanted), fence, (port) => device.canonicalPort(port))

function faultsOf(wanted: [string, PortState][]): FerruleError {
  try {
    check(wanted)
  } catch (error) {
    if (error instanceof FerruleError) return error
  }
  throw new Error('nothing was refused')
}

test('what the rack file gives is accepted, by its canonical name', () => {
  const accepted = check([
    ['1', tenant(100, 899)],
    ['Port 2', pxe],
    ['p3', quarantine],
  ])
  expect([...accepted.keys()]).toEqual(['port1', 'port2', 'port3'])
})

describe('refused', () => {
  test.each<[string, string, PortState, string]>([
    ['an uplink', '9', pxe, 'port-fenced'],
    ['a name that cannot be a port', 'eth0', pxe, 'invalid-input'],
    ['an untagged VLAN outside the range', '1', tenant(900), 'vlan-fenced'],
    ['a tagged VLAN outside the range', '1', tenant(100, 99), 'vlan-fenced'],
    ['VLAN 0', '1', tenant(0), 'invalid-input'],
    ['VLAN 4095', '1', tenant(4095), 'invalid-input'],
    ['no untagged VLAN', '1', { ...tenant(1, 100), untagged: null }, 'invalid-input'],
    ['one VLAN untagged and tagged', '1', tenant(100, 100), 'invalid-input'],
    ['access with tags', '1', { ...tenant(100, 200), mode: 'access' }, 'invalid-input'],
    ['a tenant beside the PXE VLAN', '1', tenant(10, 100), 'invalid-input'],
    ['the PXE VLAN tagged to a tenant', '1', tenant(100, 10), 'invalid-input'],
    ['the quarantine VLAN tagged to a tenant', '1', tenant(100, 999), 'invalid-input'],
  ])('%s', (_what, port, state, code) => {
    expect(faultsOf([[port, state]]).code).toBe(code)
  })

  test('all faults of a call at once', () => {
    const error = faultsOf([
      ['9', tenant(900)],
      ['1', tenant(10, 100)],
      ['2', tenant(901, 902)],
    ])
    expect(error.code).toBe('invalid-input')
    expect(error.details.faults).toMatchObject([
      { code: 'port-fenced', port: 'port9' },
      { code: 'vlan-fenced', port: 'port9', vlan: 900 },
      { code: 'invalid-input', port: 'port1' },
      { code: 'vlan-fenced', port: 'port2', vlan: 901 },
      { code: 'vlan-fenced', port: 'port2', vlan: 902 },
    ])
  })

  test('one port by two names with two states; with one state it is one port', () => {
    const twice: [string, PortState][] = [
      ['1', pxe],
      ['p1', tenant(100)],
    ]
    expect(faultsOf(twice).message).toContain('named twice')
    expect(
      check([
        ['1', pxe],
        ['p1', pxe],
      ]).size,
    ).toBe(1)
  })
})
