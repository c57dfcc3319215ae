import type { Machine, SwitchFabric } from '../world/types.ts'

/** What `lldpctl -f xml` prints on this machine: one interface per NIC with link and a neighbour. */
export function lldpXml(machine: Machine, fabric: SwitchFabric | undefined): string {
  const interfaces = machine.nics.flatMap((nic, index) => {
    if (fabric === undefined || !nic.linkUp || !fabric.membership(nic.cable).enabled) return []
    return [neighbour(nic.name, index + 1, fabric.neighbour(nic.cable))]
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<lldp label="LLDP neighbors">\n${interfaces.join('')}</lldp>\n`
}

function neighbour(nic: string, rid: number, seen: ReturnType<SwitchFabric['neighbour']>): string {
  return ` <interface label="Interface" name="${xmlText(nic)}" via="LLDP" rid="${rid}" age="0 day, 00:00:29">
  <chassis label="Chassis">
   <id label="ChassisID" type="mac">${xmlText(seen.chassisMac)}</id>
   <name label="SysName">${xmlText(seen.systemName)}</name>
   <descr label="SysDescr">Force10 Operating System</descr>
   <mgmt-ip label="MgmtIP">${xmlText(seen.managementAddress)}</mgmt-ip>
   <capability label="Capability" type="Bridge" enabled="on"/>
   <capability label="Capability" type="Router" enabled="on"/>
  </chassis>
  <port label="Port">
   <id label="PortID" type="ifname">${xmlText(seen.portName)}</id>
   <descr label="PortDescr">${xmlText(seen.portName)}</descr>
   <ttl label="TTL">120</ttl>
  </port>
 </interface>
`
}

function xmlText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
