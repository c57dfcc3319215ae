import type { Host, HostDisk } from '../host.ts'
import type { Instance } from '../instance.ts'

/**
 * What a recovery goes by: the records that a restored database has, beside the world as it is now. Where the two
 * differ the world counts; what neither of them knows is never guessed.
 */
export interface RecoveryFacts {
  /** The highest operation number in MAAS, and the highest that the records know. */
  numbers: { inMaas: number; ours: number }
  hosts: readonly HostFacts[]
  /** Every instance of the records that is not destroyed. */
  instances: readonly KnownInstance[]
  /** Operations that have not ended by the records: their steps were worked out from facts that are old. */
  operations: readonly LiveOperation[]
  networks: readonly KnownNetwork[]
  /** Seen, but belonging to no host that can be recorded: one line each. */
  notes: readonly string[]
}

export interface HostFacts {
  recorded: RecordedHost
  seen: SeenHost
}

export interface RecordedHost {
  host: Host
  /** False: the records have no such host; what stands here was read from MAAS. */
  known: boolean
  dirty: boolean
  tenant: KnownInstance | null
  operation: { number: number; kind: string } | null
  ledger: readonly LedgerEntry[]
}

export interface KnownInstance {
  instance: Instance
  /** Kind of the operation that is at work on it by the records. */
  underWay: string | null
}

export interface KnownNetwork {
  id: string
  name: string
  vlan: number | null
}

export interface LiveOperation {
  id: string
  number: number
  kind: string
  host: string | null
  instance: string | null
}

export interface LedgerEntry {
  switchId: string
  port: string
  vlan: number
  networkId: string
  instanceId: string
}

export interface SeenHost {
  /** Null: MAAS has no such machine. */
  machine: SeenMachine | null
  ports: readonly SeenPort[]
  power: 'on' | 'off' | 'unknown'
  /** Why the power is not known. */
  powerFault: string | null
  /** Of a host that is yet to be taken into the pool: what LLDP saw otherwise than the rack file says. */
  cableFaults: readonly string[]
}

export interface SeenMachine {
  systemId: string
  /** MAAS's word for its status. */
  status: string
  /** `ours`: by its tag, or by an annotation of this installation. `foreign`: another installation's. */
  mark: 'ours' | 'none' | 'foreign'
  /** What the annotations say, while it is allocated. */
  instanceId: string | null
  operation: number | null
  /** MAC of its bond: the default NIC's of whoever was installed on it. */
  bondMac: string | null
  /** What MAAS did with it since the records last saw it; null: nothing. */
  activity: string | null
  /** Null: not commissioned. */
  inventory: Inventory | null
}

export interface Inventory {
  cpuCount: number
  cpuSpeedMhz: number
  memoryMib: number
  architecture: string
  interfaces: { name: string; mac: string }[]
  disks: HostDisk[]
}

export interface PortVlans {
  untagged: number | null
  tagged: readonly number[]
  lag?: number
}

export interface SeenPort {
  switchId: string
  port: string
  /** Of the switch: where a port without a tenant may be. */
  pxeVlan: number
  quarantineVlan: number
  /** Null: the switch did not say, and `fault` says why. */
  running: PortVlans | null
  /** What the port carries after a reboot of the switch. */
  saved: PortVlans | null
  fault: string | null
  /** MACs that the switch has heard on it. */
  learned: readonly { mac: string; vlan: number }[]
}

/** What will be recorded of one host; nothing on any device is changed. */
export interface HostOutcome {
  /** The host's record is made from, or completed by, what MAAS knows of the machine. */
  adopt: { systemId: string; inventory: Inventory; inPool: boolean } | null
  tenant: InstanceOutcome | null
  /** The tenant of the records, when it is not there any more. */
  lost: InstanceOutcome | null
  /** Why the disks are dirty from now on; null: their marks stay as they are. */
  dirty: string | null
  /** Keeps the host from being chosen until a person has looked. Null: as it was. */
  attention: { code: string; message: string; remedy: string } | null
  /** All rows of the host. */
  ledger: readonly LedgerEntry[]
}

export interface InstanceOutcome {
  instance: Instance
  state: 'running' | 'stopped' | 'failed' | 'destroyed'
  nics: Instance['nics']
  /** Off, and no port of it in a tenant VLAN. */
  clear: boolean
  error: Instance['error']
}
