import { expect, test } from 'vitest'
import { readAnnouncements } from './neighbours.ts'
import type { EapiRpc } from './rpc.ts'

const answering = (shown: unknown) =>
  ({ address: '10.0.0.5', json: async () => [shown] }) as unknown as EapiRpc

/** As EOS 4.2x answers, of a neighbour whose port id is a MAC address and of a switch. */
const shown = {
  lldpNeighbors: {
    Ethernet22: {
      lldpNeighborInfo: [
        {
          systemCapabilities: { bridge: false, stationOnly: true },
          lastChangeTime: 1544636077.4653718,
          neighborInterfaceInfo: {
            linkAggregationStatus: 'capableAndDisabled',
            unknownTlvs: [],
            interfaceIdType: 'macAddress',
            interfaceId: '000c.297b.d2a8',
            interfaceDescription: 'eth0',
            vlanNames: {},
          },
          neighborDiscoveryTime: 1544636077.4653718,
          lastContactTime: 1546981809.8182333,
          chassisId: '000c.297b.d2a9',
          chassisIdType: 'macAddress',
          systemName: 'linux',
          ttl: 120,
          managementAddresses: [],
        },
      ],
    },
    Ethernet23: { lldpNeighborInfo: [] },
    Ethernet49: {
      lldpNeighborInfo: [
        {
          neighborInterfaceInfo: {
            interfaceIdType: 'interfaceName',
            interfaceId: '"Ethernet1"',
            interfaceId_v2: 'Ethernet1',
          },
          chassisId: '001c.730b.d943',
          chassisIdType: 'macAddress',
          ttl: 120,
        },
      ],
    },
  },
}

test('who names its own port by a MAC address; a chassis is not a port', async () => {
  expect(await readAnnouncements(answering(shown))).toEqual([
    { port: 'Ethernet22', mac: '00:0c:29:7b:d2:a8', ttl: 120 },
  ])
})

test('another answer is refused and not taken for silence', async () => {
  await expect(readAnnouncements(answering({ neighbors: [] }))).rejects.toThrow(/show lldp neighbors detail/)
})
