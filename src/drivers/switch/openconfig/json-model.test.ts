import { expect, test } from 'vitest'
import { parseInterfaces } from './json-model.ts'

test('interfaces in JSON_IETF, with the names of modules and without', () => {
  const { ports, members, routed } = parseInterfaces({
    'openconfig-interfaces:interface': [
      {
        name: 'Ethernet0',
        config: { enabled: false },
        'openconfig-if-ethernet:ethernet': {
          'openconfig-vlan:switched-vlan': {
            config: { 'interface-mode': 'TRUNK', 'access-vlan': 10, 'trunk-vlans': [200, '300..302'] },
          },
        },
      },
      { name: 'Ethernet4', ethernet: { config: { 'openconfig-if-aggregate:aggregate-id': 'PortChannel1' } } },
      {
        name: 'Ethernet8',
        subinterfaces: {
          subinterface: [
            { index: 0, 'openconfig-if-ip:ipv4': { addresses: { address: [{ ip: '192.0.2.1' }] } } },
          ],
        },
      },
    ],
  })
  expect(ports.get('Ethernet0')).toEqual({
    enabled: false,
    vlans: { mode: 'TRUNK', accessVlan: 10, nativeVlan: null, trunkVlans: [200, 300, 301, 302] },
  })
  expect([...members]).toEqual([['Ethernet4', 'PortChannel1']])
  expect([...(routed ?? [])]).toEqual(['Ethernet8'])
})

test('what is not the model is not read in part', () => {
  const port = (vlans: unknown) => ({
    interface: [{ name: 'Ethernet0', ethernet: { 'switched-vlan': { config: { 'trunk-vlans': vlans } } } }],
  })
  expect(() => parseInterfaces(port(['everything']))).toThrow(/no VLANs/)
  expect(() => parseInterfaces(port('100'))).toThrow(/trunk-vlans/)
})
