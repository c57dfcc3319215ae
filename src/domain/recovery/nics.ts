import type { InstanceNic } from '../instance.ts'
import { defaultNic } from '../instance.ts'
import type { KnownNetwork, SeenPort } from './facts.ts'
import { commonVlans, runningVlans } from './ports.ts'

export interface RebuiltNics {
  nics: InstanceNic[]
  /** What the ports show and the records cannot be brought to say. */
  doubts: string[]
}

/**
 * An instance's NICs, by the VLANs that its ports carry: one that was attached since comes back with the MAC that the
 * switch hears in its VLAN, one that was detached goes. The default NIC keeps its MAC, which the installed system has.
 */
export function rebuildNics(
  recorded: readonly InstanceNic[],
  ports: readonly SeenPort[],
  networks: readonly KnownNetwork[],
  newId: (mac: string) => string,
): RebuiltNics {
  const seen = commonVlans(ports)
  if (!seen) return { nics: [...recorded], doubts: ['its ports do not all carry the same VLANs'] }
  const doubts: string[] = []
  const nics: InstanceNic[] = []
  const first = defaultNic(recorded)
  if (first && seen.untagged !== null) nics.push(onVlan(first, seen.untagged, networks))
  else doubts.push('no VLAN is untagged on its ports')
  for (const vlan of seen.tagged) {
    const known = recorded.find((nic) => !nic.isDefault && nic.vlan === vlan)
    const found = known ?? attachedSince(vlan, ports, networks, newId)
    if (found) nics.push(found)
    else doubts.push(`its ports carry VLAN ${vlan}, which the records do not give to it`)
  }
  return { nics, doubts }
}

/** Isolated networks get other VLANs; the MAC is what makes it the same NIC. */
function onVlan(nic: InstanceNic, vlan: number, networks: readonly KnownNetwork[]): InstanceNic {
  if (nic.vlan === vlan) return nic
  const network = networks.find((one) => one.vlan === vlan)
  return { ...nic, vlan, networkId: network?.id ?? nic.networkId }
}

function attachedSince(
  vlan: number,
  ports: readonly SeenPort[],
  networks: readonly KnownNetwork[],
  newId: (mac: string) => string,
): InstanceNic | null {
  const network = networks.find((one) => one.vlan === vlan)
  const heard = new Set(
    ports.flatMap((port) =>
      runningVlans(port).includes(vlan)
        ? port.learned.filter((entry) => entry.vlan === vlan).map((entry) => entry.mac)
        : [],
    ),
  )
  const [mac] = heard
  if (!network || mac === undefined || heard.size > 1) return null
  return { id: newId(mac), networkId: network.id, mac, vlan, isDefault: false }
}
