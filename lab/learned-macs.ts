import type { LearnedMac } from './switch/show.ts'
import { passesWithoutLacp } from './world/lacp.ts'
import type { Machine, SwitchFabric } from './world/types.ts'

/**
 * The forwarding table of one switch, derived from the physics of this instant: each machine that sends frames is
 * learned where they enter. MAAS's environments speak from the boot NIC's own MAC.
 */
export function learnedMacs(
  machines: readonly Machine[],
  fabric: SwitchFabric,
  address: string,
): LearnedMac[] {
  return machines.flatMap((machine) =>
    talkers(machine, fabric)
      .filter((entry) => entry.switch === address)
      .map(({ port, mac, vlan }) => ({ port, mac, vlan })),
  )
}

function talkers(machine: Machine, fabric: SwitchFabric): (LearnedMac & { switch: string })[] {
  const bootNic = machine.nics[0]
  if (machine.running().kind === 'ephemeral' && bootNic?.linkUp) {
    const port = fabric.membership(bootNic.cable)
    const { untagged, enabled } = port
    return enabled && passesWithoutLacp(port) && untagged !== null
      ? [{ ...bootNic.cable, mac: bootNic.mac, vlan: untagged }]
      : []
  }
  const speaks = machine
    .interfaces()
    .flatMap(({ mac, vlan, activeNic, besides = [] }) => [{ nic: activeNic, mac, vlan }, ...besides])
  return speaks.flatMap(({ nic, mac, vlan }) => {
    const at = machine.nics.find(({ name }) => name === nic)
    return at === undefined || vlan === null ? [] : [{ ...at.cable, mac, vlan }]
  })
}
