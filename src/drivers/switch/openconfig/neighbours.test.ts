import { expect, test } from 'vitest'
import { parseAnnouncements } from './neighbours.ts'

/** As SONiC's mgmt-framework answers of a server and of a switch. */
const tree = {
  'openconfig-lldp:interface': [
    {
      name: 'Ethernet0',
      neighbors: {
        neighbor: [
          {
            id: 'Ethernet0',
            state: {
              'chassis-id': '94:6d:ae:ac:1c:74',
              'chassis-id-type': 'MAC_ADDRESS',
              'port-description': 'enp161s0f1np1',
              'port-id': '94:6D:AE:AC:1C:75',
              'port-id-type': 'openconfig-lldp-types:MAC_ADDRESS',
              ttl: 120,
            },
          },
          {
            id: '2',
            state: { 'chassis-id': '00:11:22:33:44:55', 'port-id': 'etp2', 'port-id-type': 'LOCAL' },
          },
        ],
      },
    },
    { name: 'Ethernet4' },
  ],
}

test('whose port id is a MAC address, with its time where it is told', () => {
  expect(parseAnnouncements(tree)).toEqual([{ port: 'Ethernet0', mac: '94:6d:ae:ac:1c:75', ttl: 120 }])
  expect(parseAnnouncements({})).toEqual([])
})

test('what is no list of interfaces is told with its place', () => {
  expect(() => parseAnnouncements({ interface: [{ neighbors: {} }] })).toThrow(/interface\/0\/name/)
})
