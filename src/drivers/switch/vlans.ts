import { vlanMissing } from '../../domain/vlan.ts'
import type { PortMap } from './diff.ts'
import type { ManagedSwitch } from './managed-switch.ts'

/** Those of these VLANs that the switch does not have, where the rack file says that Ferrule creates none there. */
export function missingVlans(
  { device, fence }: ManagedSwitch,
  wanted: Iterable<number>,
  present: ReadonlySet<number>,
): number[] {
  if (fence.createVlans !== false || device.capabilities.implicitVlans) return []
  return [...new Set(wanted)].filter((vlan) => !present.has(vlan)).sort((a, b) => a - b)
}

/** Before anything is sent. @throws vlan-missing */
export function refuseMissingVlans(
  managed: ManagedSwitch,
  target: PortMap,
  present: ReadonlySet<number>,
): void {
  const vlans = [...target.values()].flatMap(({ untagged, tagged }) => [
    ...(untagged === null ? [] : [untagged]),
    ...tagged,
  ])
  const missing = missingVlans(managed, vlans, present)
  if (missing.length > 0) throw vlanMissing(managed.id, missing)
}
