import { expect, test } from 'vitest'
import {
  announcementsIn,
  eosNeighbours,
  iosxeNeighbours,
  nxosNeighbours,
  os10Neighbours,
} from './neighbours.ts'

/** Each as the family's documentation and others' recordings show it: a server's NIC between two switches. */
const shown = {
  eos: `Interface Ethernet31 detected 0 LLDP neighbors:

Interface Ethernet32 detected 2 LLDP neighbors:

  Neighbor 001c.730b.d943/Ethernet48, age 0 seconds
  Discovered 767 days, 11:57:10 ago; Last changed 767 days, 11:57:08 ago
    - Chassis ID type: MAC address (4)
      Chassis ID     : 001c.730b.d943
    - Port ID type: Interface name (5)
      Port ID     : "Ethernet48"
    - Time To Live: 120 seconds

  Neighbor 000c.297b.d2a9/000c.297b.d2a8, age 82 seconds
  Discovered 6 days, 11:24:04 ago; Last changed 6 days, 11:24:04 ago
    - Chassis ID type: MAC address (4)
      Chassis ID     : 000c.297b.d2a9
    - Port ID type: MAC address(3)
      Port ID     : 000c.297b.d2a8
    - Time To Live: 121 seconds

Interface Ethernet48 detected 1 LLDP neighbors:

  Neighbor 88a2.5e5c.3600/541, age 12 seconds
    - Chassis ID type: MAC address (4)
      Chassis ID     : 88a2.5e5c.3600
    - Port ID type: Locally assigned (7)
      Port ID     : "541"
    - Time To Live: 120 seconds
`,
  nxos: `Capability codes:
  (R) Router, (B) Bridge, (T) Telephone, (C) DOCSIS Cable Device
Device ID            Local Intf      Hold-time  Capability  Port ID

Chassis id: 0000.5e00.53aa
Local Port id: Eth1/10
Port Description: sfp-sfpplus1
System Name: edge-router-01
Time remaining: 96 seconds

Chassis id: 000c.297b.d2a9
Port id: 000c.297b.d2a8
Local Port id: Eth1/11
Port Description: not advertised
System Name: not advertised
Time remaining: 92 seconds
Vlan ID: not advertised

Chassis id: 0000.5e00.53bb
Port id: Ethernet1/1
Local Port id: Eth1/12
Time remaining: 100 seconds

Total entries displayed: 3
`,
  iosxe: `------------------------------------------------
Local Intf: Gi2/0/13
Local Intf service instance: -
Chassis id: 172.16.4.125
Port id: 000c.297b.d2a8
Port Description - not advertised
System Name - not advertised

Time remaining: 64 seconds
System Capabilities - not advertised
Management Addresses - not advertised
------------------------------------------------
Local Intf: Te1/1/1
Chassis id: 0000.5e00.53bb
Port id: Te1/0/1

Time remaining: 110 seconds

Total entries displayed: 2
`,
  os10: `------------------------------------------------------------------------
Remote Chassis ID Subtype: Mac address (4)
Remote Chassis ID: 90:b1:1c:f4:a6:00
Remote Port Subtype: Interface name (5)
Remote Port ID: ethernet1/1/1
Local Port ID: ethernet1/1/3
Remote TTL: 120
------------------------------------------------------------------------
Remote Chassis ID Subtype: Mac address (4)
Remote Chassis ID: 00:0c:29:7b:d2:a9
Remote Port Subtype: Mac address (3)
Remote Port ID: 00:0c:29:7b:d2:a8
Local Port ID: ethernet1/1/4
Locally assigned remote Neighbor Index: 7
Remote TTL: 121
`,
}

test.each([
  ['EOS', shown.eos, eosNeighbours, 'Ethernet32', 121],
  ['NX-OS', shown.nxos, nxosNeighbours, 'Eth1/11', 92],
  ['IOS XE', shown.iosxe, iosxeNeighbours, 'Gi2/0/13', 64],
  ['OS10', shown.os10, os10Neighbours, 'ethernet1/1/4', 121],
])(
  '%s: the one whose port id is a MAC address, on its port and with its time',
  (_make, answer, words, port, ttl) => {
    expect(announcementsIn(answer, words)).toEqual([{ port, mac: '00:0c:29:7b:d2:a8', ttl }])
  },
)

test('a time belongs to its own neighbour', () => {
  const answer = shown.nxos.replace('Time remaining: 92 seconds\n', '')
  expect(announcementsIn(answer, nxosNeighbours)).toEqual([
    { port: 'Eth1/11', mac: '00:0c:29:7b:d2:a8', ttl: null },
  ])
})
