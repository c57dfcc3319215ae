import { describe, expect, test } from 'vitest'
import { canonicalPort, expandPorts } from './ports.ts'

describe('canonical port names', () => {
  test.each([
    ['1/3', 'TenGigabitEthernet 1/3'],
    ['1/1/1', 'TenGigabitEthernet 1/1/1'],
    ['01/03', 'TenGigabitEthernet 1/3'],
    ['tengigabitethernet:1/3', 'TenGigabitEthernet 1/3'],
    ['Te 1/3', 'TenGigabitEthernet 1/3'],
    ['te1/3', 'TenGigabitEthernet 1/3'],
    ['tengig-1-3', 'TenGigabitEthernet 1/3'],
    [' TenGigabitEthernet  1/3 ', 'TenGigabitEthernet 1/3'],
    ['gigabitethernet:0/12', 'GigabitEthernet 0/12'],
    ['fortyGigE:1/49', 'fortyGigE 1/49'],
    ['Fo 1/49', 'fortyGigE 1/49'],
    ['hundredgig-1-1-1', 'hundredGigE 1/1/1'],
  ])('%s is %s', (name, canonical) => {
    expect(canonicalPort(name)).toBe(canonical)
    expect(canonicalPort(canonical)).toBe(canonical)
  })

  test.each([
    '',
    '3',
    '1/3-4',
    '1/3,1/4',
    'Po 1',
    'Port-channel 1',
    'eth0',
    '1/2/3/4',
    'Te 1/3\n shutdown',
    '1//3',
  ])('refuses %j', (name) => {
    expect(() => canonicalPort(name)).toThrow(expect.objectContaining({ code: 'invalid-input' }))
  })
})

describe('printed memberships', () => {
  test.each([
    ['TenGigabitEthernet 1/3', ['TenGigabitEthernet 1/3']],
    ['TenGigabitEthernet 1/3-4,1/7', ['1/3', '1/4', '1/7'].map((p) => `TenGigabitEthernet ${p}`)],
    ['TenGigabitEthernet 1/3-1/4', ['1/3', '1/4'].map((p) => `TenGigabitEthernet ${p}`)],
    ['Te 0/0-2,45', ['0/0', '0/1', '0/2', '0/45'].map((p) => `TenGigabitEthernet ${p}`)],
    ['Te 1/2/3-1/2/4', ['1/2/3', '1/2/4'].map((p) => `TenGigabitEthernet ${p}`)],
    ['Te 1/1,Fo 1/49', ['TenGigabitEthernet 1/1', 'fortyGigE 1/49']],
    ['Port-channel 1-2,7', ['Port-channel 1', 'Port-channel 2', 'Port-channel 7']],
    ['Te 1/3,Po 1', ['TenGigabitEthernet 1/3', 'Port-channel 1']],
    ['ManagementEthernet 1/1', []],
    ['', []],
  ])('%s', (text, ports) => {
    expect(expandPorts(text)).toEqual(ports)
  })

  test('a garbled range stays small', () => {
    expect(expandPorts('Te 1/1-999999999').length).toBeLessThan(1000)
  })
})
