import { vlanRanges } from '../vlan.ts'
import type { HostFacts, KnownNetwork, LedgerEntry, PortVlans, SeenPort } from './facts.ts'

/** Stands in the ledger where nobody knows whose network a VLAN is: no network's own, so it fences the VLAN for all. */
export const UNKNOWN_NETWORK = 'unknown'
/** Stands in the ledger where a machine does not say which instance it carries. */
export const UNKNOWN_INSTANCE = '00000000-0000-0000-0000-000000000000'

/** Tenant VLANs on the port now. */
export function runningVlans(port: SeenPort): number[] {
  return tenantVlans(port, [port.running])
}

/** Tenant VLANs that the port carries now or would carry after a reboot of its switch: the fence counts both. */
export function carriedVlans(port: SeenPort): number[] {
  return tenantVlans(port, [port.running, port.saved])
}

function tenantVlans({ pxeVlan, quarantineVlan }: SeenPort, states: readonly (PortVlans | null)[]): number[] {
  const all = states.flatMap((state) =>
    state ? [...(state.untagged === null ? [] : [state.untagged]), ...state.tagged] : [],
  )
  return [...new Set(all)].filter((vlan) => vlan !== pxeVlan && vlan !== quarantineVlan).sort((a, b) => a - b)
}

export function isCarrying(ports: readonly SeenPort[]): boolean {
  return ports.some((port) => runningVlans(port).length > 0)
}

/** In the PXE VLAN alone, and still so after a reboot of the switch. */
export function isAtRest(port: SeenPort): boolean {
  return [port.running, port.saved].every(
    (state) => state !== null && state.untagged === port.pxeVlan && state.tagged.length === 0,
  )
}

/** Ports whose switch did not answer, each with why; a host of which no port is known is not known to be anywhere. */
export function unreadFaults(ports: readonly SeenPort[]): string[] {
  if (ports.length === 0) return ['no rack configuration says which ports it is on']
  return ports.flatMap(({ switchId, port, fault }) =>
    fault === null ? [] : [`port ${port} of switch ${switchId} could not be read (${fault})`],
  )
}

/** The one state of all ports of a host; null when they differ or one is not known. */
export function commonVlans(ports: readonly SeenPort[]): PortVlans | null {
  const [first] = ports
  const same = ports.every(({ running }) => running !== null && keyOf(running) === keyOf(first?.running))
  return same ? (first?.running ?? null) : null
}

function keyOf(vlans: PortVlans | null | undefined): string {
  return vlans ? `${vlans.untagged} ${[...vlans.tagged].sort((a, b) => a - b).join()}` : ''
}

/** In words: "untagged 101, tagged 102". */
export function describeVlans({ untagged, tagged }: PortVlans): string {
  const first = untagged === null ? 'no untagged VLAN' : `untagged ${untagged}`
  return tagged.length > 0 ? `${first}, tagged ${vlanRanges(tagged).join(' ')}` : first
}

export function describeSeenPort(port: SeenPort): string {
  const name = `${port.switchId} port ${port.port}`
  if (!port.running || !port.saved) return `${name}: not known, ${port.fault ?? 'the switch does not say'}`
  const saved = keyOf(port.saved) === keyOf(port.running) ? '' : ` (saved: ${describeVlans(port.saved)})`
  return `${name}: ${describeVlans(port.running)}${saved}`
}

/**
 * The ledger's rows of a host: what its ports carry, and where a switch did not answer, what the records say and what
 * the tenant ought to have there. A row too many refuses a deployment; one too few would let two tenants meet.
 */
export function ledgerOf(
  { recorded, seen }: HostFacts,
  tenant: { id: string; nics: readonly { vlan: number; networkId: string }[] } | null,
  networks: readonly KnownNetwork[],
): LedgerEntry[] {
  const instanceId = tenant?.id ?? seen.machine?.instanceId ?? UNKNOWN_INSTANCE
  const networkOf = (vlan: number): string =>
    tenant?.nics.find((nic) => nic.vlan === vlan)?.networkId ??
    networks.find((network) => network.vlan === vlan)?.id ??
    UNKNOWN_NETWORK
  return seen.ports.flatMap((port) => {
    const here = recorded.ledger.filter((row) => row.switchId === port.switchId && row.port === port.port)
    const known = port.fault === null
    const vlans = known
      ? carriedVlans(port)
      : [...here.map((row) => row.vlan), ...(tenant?.nics ?? []).map((nic) => nic.vlan)]
    return [...new Set(vlans)].map((vlan) => ({
      switchId: port.switchId,
      port: port.port,
      vlan,
      networkId: networkOf(vlan),
      instanceId,
    }))
  })
}
