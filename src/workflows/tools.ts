import type { Host } from '../domain/host.ts'
import type { ErasePolicy } from '../domain/offering.ts'
import type { TenantData } from '../domain/tenant-data.ts'
import type { Bmc } from '../drivers/bmc/types.ts'
import type { SwitchHealth, SwitchPorts } from '../drivers/switch/types.ts'
import type { Maas } from '../maas/types.ts'
import type { SagaStarter } from '../saga/engine.ts'
import type { Database } from '../store/database.ts'
import type { SwitchRow } from '../store/racks.ts'

/** Everything that a workflow step may touch. Constructed once, in main.ts. */
export interface Tools {
  db: Database
  /** This replica. */
  executor: string
  installation: { name: string }
  maas: Maas
  /** The BMC of a host, with its password unsealed; one per address in this process. */
  bmc(host: Host): Promise<Bmc>
  /** Unsealed: for MAAS, which drives the same BMC. Never logged, never stored. */
  bmcSecrets(host: Host): Promise<{ password: string; kg: string | null }>
  /** Unsealed: what the tenant gave for the first boot of a VM, by CloudStack's ids; null: its network serves it. Never logged. */
  tenantData(externalId: string, nicId: string): Promise<TenantData | null>
  /** The port engine of a switch, and its row. */
  openSwitch(switchId: string): Promise<{ ports: SwitchPorts; row: SwitchRow }>
  /** Does the driver of this type of switch make and dissolve LAGs? */
  createsLags(type: string): boolean
  /** What this process knows of reaching a switch; null: it has not spoken to it yet. */
  switchHealth(switchId: string): SwitchHealth | null
  starter: SagaStarter
  policy: Policy
  now(): number
  sleep(ms: number): Promise<void>
  /** Aborts when this replica lost its lease. */
  leaseSignal: AbortSignal
  newId(): string
}

/** All times in real milliseconds. */
export interface Policy {
  erase: ErasePolicy
  /** What stop does with ports of networks whose VLAN is fixed; isolated networks' ports are always parked. */
  stopPorts: 'park' | 'keep-fixed'
  /** Boot flags ask for UEFI. */
  efi: boolean
  leaseMs: number
  deadlines: {
    commission: number
    deploy: number
    handOver: number
    claim: number
    erase: number
    /** No sign of a network boot within this: the tenant's system may have booted instead. */
    pxeSign: number
    softOff: number
    powerSettle: number
    release: number
    /** The longest that a device call of a dead replica may still be under way. */
    deviceTimeout: number
    switchLease: number
  }
  poll: { maas: number; power: number; lease: number }
}
