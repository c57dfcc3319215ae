import { expect, test } from 'vitest'
import { eapi } from '../eapi/driver.ts'
import { formatVlanList, parseVlanList } from './vlan-list.ts'

test.each([
  ['1', 'Ethernet1'],
  ['Et49/1', 'Ethernet49/1'],
  ['ethernet 3', 'Ethernet3'],
  ['eth:1/2/3', 'Ethernet1/2/3'],
  ['Po10', 'Port-Channel10'],
  ['port-channel 10', 'Port-Channel10'],
])('%s is %s', (written, name) => {
  expect(eapi.canonicalPort(written)).toBe(name)
  expect(eapi.canonicalPort(name)).toBe(name)
})

test.each(['', 'Ethernet', 'Vlan100', 'Management1', '1-4', 'Po1/1', 'Ethernet1 | json', '1\nshutdown'])(
  '%j is no port',
  (written) => {
    expect(() => eapi.canonicalPort(written)).toThrow(/not a port name/)
  },
)

test.each([
  ['10,20-22', [10, 20, 21, 22]],
  ['NONE', []],
  ['', []],
  ['22,20-21,20', [20, 21, 22]],
  ['4095', null],
  ['20-10', null],
  ['ten', null],
])('the list %j', (text, vlans) => {
  expect(parseVlanList(text)).toEqual(vlans)
})

test('a list goes there and back', () => {
  expect(parseVlanList('ALL')).toHaveLength(4094)
  expect(formatVlanList([])).toBe('none')
  expect(formatVlanList([10, 11, 20, 21, 22])).toBe('10,11,20-22')
})
