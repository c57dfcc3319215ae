import type { PersonQuestion } from './person.ts'

/**
 * How a host's BMC is reached. `auto`: whatever it is found to speak. `maas`: MAAS switches the host, for a BMC that only
 * MAAS can reach. `manual`: a person does.
 */
export type BmcProtocol = 'auto' | 'ipmi' | 'redfish' | 'maas' | 'manual'

/** What `auto` can find. */
export type FoundProtocol = 'ipmi' | 'redfish'

export interface HostBmc {
  /** Null: none that we could reach (protocols maas and manual). */
  address: string | null
  username: string
  protocol: BmcProtocol
  found: FoundProtocol | null
  /** SHA-256 of the certificate that a person has trusted: hex, lower case, without colons. */
  fingerprint: string | null
  /** SHA-256 of the SSH host key that a person has trusted, as OpenSSH writes it. */
  sshFingerprint: string | null
  /** Redfish's Id of the computer system, for a BMC that has several. */
  system: string | null
  /** It has an RMCP+ key K_g. */
  kg: boolean
}

/** What is spoken to its BMC; null: protocol auto has not found out yet, or nothing is (protocols maas and manual). */
export function spokenProtocol({ protocol, found, fingerprint }: HostBmc): FoundProtocol | null {
  if (protocol === 'ipmi' || protocol === 'redfish') return protocol
  if (protocol !== 'auto') return null
  // a trusted certificate leaves nothing to be found out
  return fingerprint === null ? found : 'redfish'
}

/** A physical server that Ferrule manages: known by its MAAS system id, its MACs and its BMC. */
export interface Host {
  id: string
  name: string
  systemId: string | null
  bmc: HostBmc
  bootMac: string
  cpuCount: number
  cpuSpeedMhz: number
  memoryMib: number
  architecture: string // amd64
  tags: string[]
  nics: HostNic[]
  disks: HostDisk[]
  /** Everything is known and proven: the planner may choose it (if it is free and clean). */
  inPool: boolean
  /** Adopted in state Deployed: looked at, never touched. */
  readOnly: boolean
  attention: Attention | null
  /** What an operation waits for a person to do. */
  question: PersonQuestion | null
  power: PowerReading
  powerPolicy: PowerPolicy
  /** The last MAAS event that happened under our own hold; newer ones mean that somebody else was at it. */
  maasEventSeen: number
}

export interface HostNic {
  name: string
  mac: string
  /** The wired port by the rack file; null: not cabled, never used. */
  port: PortRef | null
}

export interface PortRef {
  switchId: string
  /** As the rack file writes it: 1/3. Of a NIC in a LAG that people made: the LAG, which has the VLANs. */
  port: string
  /** Its own port, where `port` is such a LAG. */
  member?: string
}

export interface HostDisk {
  name: string
  serial: string
  model: string
  /** Bytes. */
  size: number
}

export interface PowerReading {
  /** `unknown` is never to be taken as off. */
  state: 'on' | 'off' | 'unknown'
  /** ISO time of the reading, null: never read. */
  at: string | null
  /** ISO time since when it is in this state. */
  since: string | null
  /** What was seen last, before it became unknown. */
  lastKnown: { state: 'on' | 'off'; at: string } | null
  /** Why the newest looks failed, how many in a row, and not before when the next one is. */
  failure: { code: string; message: string; remedy: string; looks: number; nextLook: string | null } | null
}

export const neverRead: PowerReading = {
  state: 'unknown',
  at: null,
  since: null,
  lastKnown: null,
  failure: null,
}

/** What is done about a host whose power is not as it should be: told, or put right by an ordinary operation. */
export type PowerPolicy = 'report' | 'enforce'

/** What a person has to look at, and the one safe thing to do. */
export interface Attention {
  code: string
  message: string
  remedy: string
  since: string
}

export type HostState =
  | 'removed'
  | 'read-only'
  | 'attention'
  | 'enlisting'
  | 'erasing'
  | 'in-use'
  | 'busy'
  | 'dirty'
  | 'available'
  | 'out-of-pool'

export interface HostSituation {
  host: Host
  hold: { operationId: string; kind: string } | null
  /** With the LAGs that its ports are members of, by switch, if the bond of its system is 802.3ad. */
  tenancy: { instanceId: string; lags?: Record<string, number> } | null
  dirty: boolean
}

/** One word for what a host is doing, from the records that carry the truth. */
export function hostState({ host, hold, tenancy, dirty }: HostSituation): HostState {
  if (host.readOnly) return 'read-only'
  if (hold?.kind === 'enlist') return 'enlisting'
  if (hold?.kind === 'destroy') return 'erasing'
  if (host.attention || host.question) return 'attention'
  if (tenancy) return 'in-use'
  if (hold) return 'busy'
  if (!host.inPool) return 'out-of-pool'
  if (dirty) return 'dirty'
  return 'available'
}

export function wiredPorts(host: Pick<Host, 'nics'>): (PortRef & { mac: string; nic: string })[] {
  return host.nics.flatMap((nic) => (nic.port ? [{ ...nic.port, mac: nic.mac, nic: nic.name }] : []))
}

/** The ports that are written for a host: several NICs in one LAG that people made are one, with the names of all. */
export function writtenPorts(host: Pick<Host, 'nics'>): (PortRef & { nic: string })[] {
  const written = new Map<string, PortRef & { nic: string }>()
  for (const { switchId, port, nic } of wiredPorts(host)) {
    const key = JSON.stringify([switchId, port])
    const known = written.get(key)
    written.set(key, { switchId, port, nic: known ? `${known.nic}, ${nic}` : nic })
  }
  return [...written.values()]
}

/** Keys under which a dirty mark is kept, so that it survives removing and re-adding the host. */
export function dirtyKeys(host: Pick<Host, 'systemId' | 'disks' | 'bootMac'>): string[] {
  return [
    ...(host.systemId ? [`system:${host.systemId}`] : [`mac:${host.bootMac}`]),
    ...host.disks.filter((disk) => disk.serial !== '').map((disk) => `disk:${disk.serial}`),
  ]
}
