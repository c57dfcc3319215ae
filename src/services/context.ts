import type { BondMode } from '../domain/bond-plan.ts'
import type { BmcProtocol } from '../domain/host.ts'
import type { MacPolicy } from '../domain/mac-policy.ts'
import type { ErasePolicy } from '../domain/offering.ts'
import type { StopPorts } from '../domain/stop-ports.ts'
import type { VlanRange } from '../domain/vlan.ts'
import type { Tools } from '../workflows/tools.ts'

/** What the use cases need beside the workflows' tools. Constructed once, in main.ts. */
export interface Services {
  tools: Tools
  settings: Settings
  /** AES-256-GCM envelope; `purpose` and `id` are bound in, so that a sealed value cannot be moved to another row. */
  seal(purpose: string, id: string, secret: string): string
  unseal(purpose: string, id: string, sealed: string): string
  /** The types of switches that there is a driver for. */
  switchTypes(): readonly SwitchType[]
  random(bytes: number): Uint8Array
}

export interface SwitchType {
  /** As in the rack file, compared without case. */
  type: string
  /** Does its driver make and dissolve LAGs? */
  createsLags?: true
  /** Does it read LAGs that people made? */
  readsPreMadeLags?: true
  /** The one form of a port's name. @throws invalid-input if no such switch can have it */
  canonicalPort(port: string): string
  /** What is wrong with how the rack file says that such a switch is reached, in words for who wrote it. */
  endpointFaults?(endpoint: SwitchReach): readonly string[]
}

/** As the rack file says it, its secrets resolved. */
export interface SwitchReach {
  address: string
  username: string
  password: string
  fingerprint?: string
  ca?: string
  insecure?: boolean
}

export interface Settings {
  /** A1: absent or another class name = every provisioning call says that it is disabled. */
  enabled: boolean
  pxeVlan: number
  quarantineVlan: number
  vlanRange: VlanRange
  /** By switch address: ports that are never a host's. */
  uplinks: Readonly<Record<string, readonly string[]>>
  erase: ErasePolicy
  stopPorts: StopPorts
  match: 'equal' | 'atLeast'
  /** Of offerings that are made without one. */
  bondMode: BondMode
  /** Of hosts that are added without one. */
  bmcProtocol: BmcProtocol
  imageAliases: Readonly<Record<string, string>>
  /** Whose MAC the default NIC of CloudStack's VMs has, unless their details say otherwise. */
  macPolicy: MacPolicy
  /** How long a prepared host waits for its create. Milliseconds. */
  reservationTtl: number
  replicaLeaseMs: number
  /** A reading no older than this may stand for a look at the BMC where that says so. Milliseconds. */
  powerFresh: number
}

/** Who asks: for the audit trail and for roles. */
export interface Caller {
  name: string
  role: 'admin' | 'reader' | 'cloudstack'
  /** The key under which this very request may come again, and what tells it from another one under the same key. */
  request?: { key: string; hash: string }
}
