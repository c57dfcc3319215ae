import type { SwitchLease } from '../../../domain/lease.ts'
import type { PortWatch, SwitchCapabilities } from '../types.ts'
import type { Dialect } from './dialect.ts'
import type { PortConfig } from './model.ts'
import type { Edits } from './plan.ts'

/** One reading of a whole device. */
export interface Snapshot {
  ports: ReadonlyMap<string, PortConfig>
  /** Interfaces whose VLANs are those of an aggregate: member → aggregate. */
  members: ReadonlyMap<string, string>
  /** Interfaces with addresses of their own, where a device would take VLANs for them all the same. */
  routed?: ReadonlySet<string>
  /** Null: VLANs need not be made on this device. */
  vlans: readonly { vlan: number; description: string | null }[] | null
}

/** What a device has turned out to be. */
export interface Traits {
  dialect: Dialect
  capabilities: SwitchCapabilities
}

/** The same model over one of its protocols. */
export interface Transport {
  readonly address: string
  /** As of the last contact; the usual ones before the first. */
  readonly traits: Traits
  /** @throws switch-unreachable, switch-auth, switch-refused */
  read(from: 'running' | 'startup'): Promise<Snapshot>
  /** `fdb/mac-table` of openconfig-network-instance; undefined where the device has none. @throws as read */
  macTable?(): Promise<unknown>
  /** `/lldp/interfaces` of openconfig-lldp; undefined where the device has none. @throws as read */
  lldpInterfaces(): Promise<unknown>
  /**
   * Brings the ports of `edits` to their wanted configuration, the lease proven right before each write.
   * @throws as read; PortsMoved if a port is not any more what it was read as, where the device can tell; switch-mismatch
   * if the device let the change be tried and it was not what was asked for; lease-lost
   */
  write(lease: SwitchLease, edits: Edits): Promise<void>
  save(lease: SwitchLease): Promise<void>
  /** Only where the protocol pushes. */
  watch?: PortWatch
  close(): void
}
