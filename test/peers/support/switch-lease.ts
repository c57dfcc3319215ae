import type { SwitchLease } from '../../../src/domain/lease.ts'
import type { PortState, SwitchFence } from '../../../src/drivers/switch/types.ts'

/** A hold on a switch that is never lost. `beforeWrite` happens when the lease is proven: the last moment before a write. */
export function heldSwitch(
  id: string,
  beforeWrite: () => Promise<unknown> = async () => undefined,
): SwitchLease {
  return {
    kind: 'switch',
    id,
    holder: 'operation-1',
    signal: new AbortController().signal,
    check: async () => {
      await beforeWrite()
    },
  }
}

export function fenceOf(...ports: string[]): SwitchFence {
  return { ports: new Set(ports), vlanRange: { from: 100, to: 899 }, pxeVlan: 10, quarantineVlan: 999 }
}

export function access(vlan: number): PortState {
  return { mode: 'access', untagged: vlan, tagged: [], enabled: true }
}

export function trunk(untagged: number, ...tagged: number[]): PortState {
  return { mode: 'trunk', untagged, tagged, enabled: true }
}
