import type { Host } from '../domain/host.ts'
import { lldpNeighbours } from '../domain/lldp.ts'
import { systemIdOf } from './maas-machine.ts'
import type { Tools } from './tools.ts'

/**
 * What LLDP saw at commissioning against what the rack file says. A neighbour that was not seen proves nothing (LLDP
 * may be off on the switch); one that is another port does.
 */
export async function cableFaults(tools: Tools, host: Host): Promise<string[]> {
  const sets = await tools.maas.results(systemIdOf(host), 'commissioning')
  const capture = sets
    .flatMap((set) => set.results)
    .find((result) => result.name.endsWith('capture-lldpd') && result.output !== '')
  if (!capture) return []
  const faults: string[] = []
  for (const neighbour of lldpNeighbours(capture.output)) {
    const nic = host.nics.find((one) => one.name === neighbour.interface)
    if (!nic?.port) continue
    const { ports, row } = await tools.openSwitch(nic.port.switchId)
    const declared = ports.canonicalPort(nic.port.port)
    const seen = ports.canonicalPort(neighbour.port)
    const otherSwitch =
      neighbour.managementAddress !== null && neighbour.managementAddress !== row.address.replace(/:\d+$/, '')
    if (otherSwitch)
      faults.push(
        `${nic.name} is declared on ${row.address} port ${nic.port.port}, but LLDP sees switch ${neighbour.managementAddress}`,
      )
    else if (declared !== seen)
      faults.push(
        `${nic.name} is declared on ${row.address} port ${nic.port.port}, but LLDP sees port ${neighbour.port}`,
      )
  }
  return faults
}
