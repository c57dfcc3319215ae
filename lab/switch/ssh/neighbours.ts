import type { AnnouncedMac } from '../../announced-macs.ts'

const dotted = (mac: string) => mac.replaceAll(':', '').replace(/(.{4})(.{4})(.{4})/, '$1.$2.$3')

/** `show lldp neighbors detail` of a make whose command line descends from IOS. */
export function neighbours(make: string, announced: readonly AnnouncedMac[]): string {
  if (make === 'eos') return announced.map(eosNeighbour).join('\n')
  return announced.map(make === 'nx-os' ? nxosNeighbour : iosxeNeighbour).join('\n')
}

function eosNeighbour({ port, mac, ttl }: AnnouncedMac): string {
  return `Interface ${port} detected 1 LLDP neighbors:

  Neighbor ${dotted(mac)}/${dotted(mac)}, age 12 seconds
  Discovered 0:10:34 ago; Last changed 0:10:34 ago
    - Chassis ID type: MAC address (4)
      Chassis ID     : ${dotted(mac)}
    - Port ID type: MAC address(3)
      Port ID     : ${dotted(mac)}
    - Time To Live: ${ttl} seconds
`
}

function nxosNeighbour({ port, mac, ttl }: AnnouncedMac): string {
  return `Chassis id: ${dotted(mac)}
Port id: ${dotted(mac)}
Local Port id: ${port.replace('Ethernet', 'Eth')}
Port Description: not advertised
System Name: not advertised
Time remaining: ${ttl - 12} seconds
`
}

function iosxeNeighbour({ port, mac, ttl }: AnnouncedMac): string {
  return `------------------------------------------------
Local Intf: ${port}
Chassis id: ${dotted(mac)}
Port id: ${dotted(mac)}
Port Description - not advertised
System Name - not advertised

Time remaining: ${ttl - 12} seconds
`
}
