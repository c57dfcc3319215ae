import type { VirtualMs } from '../world/types.ts'

/** Everything that the lab's MAAS remembers, as JSON. */
export interface State {
  nodes: Node[]
  fabrics: Fabric[]
  vlans: Vlan[]
  subnets: Subnet[]
  ipRanges: IpRange[]
  images: Image[]
  scripts: Script[]
  scriptSets: ScriptSet[]
  events: MaasEvent[]
  tags: Tag[]
  zones: Named[]
  pools: Named[]
  domains: Named[]
  config: Record<string, unknown>
  /** Dynamic DHCP leases of the PXE subnet, by MAC. */
  leases: Record<string, { ip: string; until: VirtualMs }>
  /** The last id given out, per kind of thing. */
  lastIds: Record<string, number>
}

export interface Named {
  id: number
  name: string
  description: string
}

export interface Tag {
  name: string
  definition: string
  comment: string
  kernelOpts: string
}

export interface Fabric {
  id: number
  name: string
}

export interface Vlan {
  id: number
  vid: number
  name: string
  fabric: number
  mtu: number
  dhcpOn: boolean
  primaryRack: string | null
}

export interface Subnet {
  id: number
  name: string
  cidr: string
  vlan: number
  gateway: string | null
  dns: string[]
  managed: boolean
}

export interface IpRange {
  id: number
  subnet: number
  type: 'dynamic' | 'reserved'
  start: string
  end: string
  comment: string
}

export interface Image {
  id: number
  kind: 'Synced' | 'Uploaded'
  /** As boot-resources lists it: ubuntu/jammy, or the bare name of an uploaded one. */
  name: string
  architecture: string
  subarch: string
  title: string
  lastDeployed: string | null
  /** False: its cloud-init cannot talk to MAAS, so that it stays in Deploying. */
  cloudInit: boolean
}

export interface Link {
  id: number
  mode: 'auto' | 'dhcp' | 'static' | 'link_up'
  subnet: number | null
  ip: string | null
}

export interface Iface {
  id: number
  name: string
  type: 'physical' | 'bond' | 'vlan' | 'bridge'
  mac: string
  vlan: number | null
  parents: number[]
  links: Link[]
  params: Record<string, unknown>
  tags: string[]
  mtu: number
  linkConnected: boolean
  speed: number
  /** Filled by commissioning. */
  vendor: string | null
  product: string | null
  firmware: string | null
}

export interface BlockDevice {
  id: number
  partitionId: number
  partitionUuid: string
  filesystemUuid: string
  name: string
  serial: string
  model: string
  size: number
}

/** As set_storage_layout made it; without one, a machine is flat over its whole boot disk, as commissioning leaves it. */
export interface StorageLayout {
  name: 'flat' | 'lvm' | 'bcache' | 'blank'
  rootDevice: number
  /** Bytes; null: all that is left. */
  rootSize: number | null
  bootSize: number
  cacheDevice: number | null
  bootPartition: { id: number; uuid: string; filesystemUuid: string }
  /** Volume group or bcache. */
  group: { id: number; uuid: string }
  /** Logical volume, or what bcache shows as a disk. */
  virtual: { id: number; uuid: string; filesystemUuid: string }
}

/** Credentials of the node itself, with which its environments and its cloud-init talk to MAAS. */
export interface NodeToken {
  consumer: string
  key: string
  secret: string
}

export interface Hardware {
  vendor: string
  product: string
  serial: string
  cpuModel: string
}

/** What a running release shall do; null outside of one. */
export interface ReleasePlan {
  scriptSet: number
  wipe: { quick: boolean; secure: boolean } | null
  /** True: another script than wipe-disks takes part, so that MAAS keeps results and heeds failures. */
  withScripts: boolean
}

export interface Node {
  systemId: string
  hostname: string
  description: string
  domain: number
  zone: number
  pool: number
  architecture: string
  minHweKernel: string
  status: number
  /** Counts status changes, so that work begun for an earlier status knows that it is stale. */
  epoch: number
  previousStatus: number
  everCommissioned: boolean
  owner: string | null
  annotations: Record<string, string>
  agentName: string
  tags: string[]
  powerType: string
  powerParameters: Record<string, string>
  /** Cached: what MAAS believes, not what is. */
  powerState: 'on' | 'off' | 'unknown' | 'error'
  interfaces: Iface[]
  disks: BlockDevice[]
  storage?: StorageLayout | undefined
  hardware: Hardware | null
  hardwareUuid: string | null
  cpuCount: number
  cpuSpeed: number
  memory: number
  netboot: boolean
  locked: boolean
  osystem: string
  distroSeries: string
  hweKernel: string | null
  errorDescription: string
  /** Type and description of the last event that counts as a status event. */
  statusMessage: string | null
  statusAction: string | null
  /** Base64, as given to deploy. */
  userData: string | null
  token: NodeToken
  expires: VirtualMs | null
  bootInterface: number | null
  commissioningSet: number | null
  installationSet: number | null
  testingSet: number | null
  skipNetworking: boolean
  release: ReleasePlan | null
}

export interface Script {
  id: number
  revision: number
  name: string
  title: string
  description: string
  /** 0 commissioning, 2 testing, 3 release. */
  type: number
  /** 0 node, 1 CPU, 2 memory, 3 storage, 4 network. */
  hardwareType: number
  timeoutSeconds: number
  parameters: Record<string, unknown>
  packages: Record<string, unknown>
  tags: string[]
  content: string
  builtin: boolean
  created: VirtualMs
  comment: string
}

export interface ScriptSet {
  id: number
  systemId: string
  /** 0 commissioning, 1 installation, 2 testing, 3 release. */
  type: number
  results: ScriptResult[]
}

export interface ScriptResult {
  id: number
  name: string
  /** maasserver SCRIPT_STATUS: 0 pending, 1 running, 2 passed, 3 failed, 4 timed out, 5 aborted, 9 skipped. */
  status: number
  exit: number | null
  created: VirtualMs
  updated: VirtualMs
  started: VirtualMs | null
  ended: VirtualMs | null
  parameters: Record<string, unknown>
  scriptId: number | null
  scriptRevisionId: number | null
  stdout: string
  stderr: string
  result: string
}

export interface MaasEvent {
  id: number
  systemId: string
  hostname: string
  level: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'AUDIT'
  at: VirtualMs
  type: string
  description: string
  username: string
}
