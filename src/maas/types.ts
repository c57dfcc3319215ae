import type { DiskLayout, SeenLayout } from '../domain/disk-layout.ts'
import type { HostLease } from '../domain/lease.ts'

/** MAAS's node statuses (maasserver/enum.py NODE_STATUS), by number in `wire.ts`. */
export type MaasStatus =
  | 'New'
  | 'Commissioning'
  | 'Failed commissioning'
  | 'Missing'
  | 'Ready'
  | 'Reserved'
  | 'Deployed'
  | 'Retired'
  | 'Broken'
  | 'Deploying'
  | 'Allocated'
  | 'Failed deployment'
  | 'Releasing'
  | 'Releasing failed'
  | 'Disk erasing'
  | 'Failed disk erasing'
  | 'Rescue mode'
  | 'Entering rescue mode'
  | 'Failed to enter rescue mode'
  | 'Exiting rescue mode'
  | 'Failed to exit rescue mode'
  | 'Testing'
  | 'Failed testing'

export interface MaasLink {
  id: number
  mode: string // auto, dhcp, static, link_up
  subnetId: number | null
}

export interface MaasInterface {
  id: number
  name: string
  type: 'physical' | 'bond' | 'vlan' | 'bridge' | 'unknown'
  mac: string
  vlanId: number | null
  /** Names. */
  parents: string[]
  links: MaasLink[]
  params: Record<string, unknown>
}

export interface MaasDisk {
  id: number
  name: string
  serial: string
  model: string
  /** Bytes. */
  size: number
}

export interface MaasMachine {
  systemId: string
  hostname: string
  status: MaasStatus
  statusMessage: string
  powerState: 'on' | 'off' | 'unknown' | 'error'
  powerType: string
  owner: string | null
  locked: boolean
  architecture: string // amd64/generic
  cpuCount: number
  cpuSpeedMhz: number
  memoryMiB: number
  tags: string[]
  /** Workload annotations: wiped by MAAS on release. */
  annotations: Record<string, string>
  osystem: string
  distroSeries: string
  netboot: boolean
  interfaces: MaasInterface[]
  bootInterfaceId: number | null
  disks: MaasDisk[]
  /** Name of the disk that it boots from; undefined: it has none. */
  bootDisk: string | undefined
  /** Null: none that Ferrule knows. */
  diskLayout: SeenLayout | null
  errorDescription: string
  /** Of its last commissioning: another one has other results. Null: it never was. */
  commissioningId: number | null
  /** As commissioning found them in the machine; null: it has not said. */
  hardware: { serial: string | null; uuid: string | null }
}

export interface MaasImage {
  /** As deploy's distro_series wants it: ubuntu/jammy, centos/centos70, custom/debian12. */
  name: string
  architecture: string // amd64
  kind: 'synced' | 'uploaded'
}

export interface MaasSubnet {
  id: number
  name: string
  cidr: string
  vlanId: number
  vid: number
  fabric: string
  dhcpOn: boolean
}

export interface MaasEvent {
  id: number
  type: string
  description: string
  level: string
  created: string
}

export interface MaasScriptResult {
  id: number
  name: string
  status: string // Passed, Failed, Pending, Running, Skipped …
  exitStatus: number | null
  started: string | null
  ended: string | null
  /** Decoded; empty if MAAS kept nothing. */
  output: string
}

export interface MaasResultSet {
  id: number
  type: 'Commissioning' | 'Installation' | 'Testing' | 'Release' | 'Other'
  status: string
  started: string | null
  ended: string | null
  results: MaasScriptResult[]
}

/** How MAAS reaches a machine's BMC: its power type with that one's parameters. */
export interface BmcPowerParameters {
  type: 'ipmi' | 'redfish'
  /** For redfish it may be a URL. */
  address: string
  username: string
  password: string
  /** IPMI: K_g in hex. */
  kg?: string
  /** Redfish: the Id of the system, where there are several. */
  node?: string
}

/** `manual`: a person switches the machine, and MAAS waits for it. */
export type MachinePower = BmcPowerParameters | { type: 'manual' }

/**
 * One MAAS region API, as Ferrule needs it. Reads are retried inside on connection failures; writes never are: after a
 * failed write the caller re-reads. Errors: maas-unreachable (no answer, 502–504; the call may have happened),
 * maas-auth (401, 403 with body), maas-state (409: the machine's state forbids it), maas-refused (400, empty 403: locked
 * or not permitted), not-found (404).
 */
/** One region controller, as it answers now. */
export interface MaasEndpoint {
  url: string
  /** Null: it did not answer. */
  version: string | null
  /** Whose the API key is; null: it does not take the key. */
  account: { username: string; isSuperuser: boolean } | null
  /** How long the answer took. Milliseconds. */
  ms: number
  fault: { message: string; remedy: string } | null
}

export interface Maas {
  readonly url: string
  /** Every region controller that is named, asked side by side for its version and for whose the key is. */
  endpoints(): Promise<MaasEndpoint[]>

  machine(systemId: string): Promise<MaasMachine>
  /** MACs are lower-cased for MAAS's case-sensitive filter. Several filters are and-ed. */
  machines(filter?: {
    ids?: string[]
    macs?: string[]
    hostname?: string
    agentName?: string
    tags?: string[]
  }): Promise<MaasMachine[]>
  /** The BMC that MAAS holds for a machine (needs an admin key); null if its power type is another one. */
  bmcPowerParameters(systemId: string): Promise<BmcPowerParameters | null>

  /** Always with commission=false. `lease` is the host's: enlisting is done under our own hold. */
  createMachine(
    lease: HostLease,
    machine: { hostname: string; architecture: string; macs: string[]; power: MachinePower },
  ): Promise<MaasMachine>
  /** skip_bmc_config=1 (our BMC user is left alone), testing_scripts=none. */
  commission(lease: HostLease, systemId: string): Promise<MaasMachine>
  allocate(
    lease: HostLease,
    options: { systemId: string; agentName: string; comment: string },
  ): Promise<MaasMachine>
  deploy(
    lease: HostLease,
    systemId: string,
    options: { distroSeries: string; userData: string; comment: string },
  ): Promise<MaasMachine>
  /** Without `erase`: a plain release. `scripts`: names of release scripts that run beside MAAS's own wipe; sorted by MAAS. `parameters`: sent as SCRIPT_PARAM=value form fields. */
  release(
    lease: HostLease,
    systemId: string,
    options: {
      comment: string
      erase?: 'full' | 'secure' | 'quick'
      scripts?: string[]
      parameters?: Record<string, string>
    },
  ): Promise<MaasMachine>
  abort(lease: HostLease, systemId: string, comment: string): Promise<MaasMachine>
  markBroken(lease: HostLease, systemId: string, comment: string): Promise<MaasMachine>
  markFixed(lease: HostLease, systemId: string, comment: string): Promise<MaasMachine>
  setAnnotations(lease: HostLease, systemId: string, annotations: Record<string, string>): Promise<void>
  /** Creates the tag if it is missing. */
  addTag(lease: HostLease, systemId: string, tag: string): Promise<void>
  removeTag(lease: HostLease, systemId: string, tag: string): Promise<void>
  /** Asks the BMC now, through MAAS, and so refreshes MAAS's cached power state. May take up to 60 s. */
  queryPower(systemId: string): Promise<'on' | 'off' | 'unknown' | 'error'>
  /**
   * Only for a machine that is Deployed and surely off: over IPMI it resets a host that runs, and in Allocated it
   * begins a deployment.
   */
  powerOn(lease: HostLease, systemId: string, comment: string): Promise<void>
  /** `soft` is a hard off with every power type but IPMI. */
  powerOff(lease: HostLease, systemId: string, how: { mode: 'soft' | 'hard'; comment: string }): Promise<void>

  /** In Ready only, else maas-state. It stays over releases, until it is restored or the machine commissioned again. */
  setDiskLayout(lease: HostLease, systemId: string, layout: DiskLayout): Promise<MaasMachine>
  /** Back to the site's default_storage_layout, as after commissioning. In Ready only, else maas-state. */
  restoreDiskLayout(lease: HostLease, systemId: string): Promise<MaasMachine>

  interfaces(systemId: string): Promise<MaasInterface[]>
  setInterfaceVlan(
    lease: HostLease,
    systemId: string,
    interfaceId: number,
    vlanId: number,
  ): Promise<MaasInterface>
  /** bond_mode is always sent. */
  createBond(
    lease: HostLease,
    systemId: string,
    bond: { name: string; mac: string; parents: number[]; mode: string },
  ): Promise<MaasInterface>
  deleteInterface(lease: HostLease, systemId: string, interfaceId: number): Promise<void>
  linkSubnet(
    lease: HostLease,
    systemId: string,
    interfaceId: number,
    options: { subnetId: number | null; mode: 'AUTO' | 'DHCP' | 'LINK_UP' },
  ): Promise<MaasInterface>
  unlinkSubnet(lease: HostLease, systemId: string, interfaceId: number, linkId: number): Promise<void>

  images(): Promise<MaasImage[]>
  subnets(): Promise<MaasSubnet[]>
  /** Free addresses in the subnet's dynamic (PXE) ranges; null where MAAS does not tell. */
  dynamicAddressesFree(subnetId: number): Promise<number | null>
  /** Newest first. */
  events(systemId: string, options?: { afterId?: number; limit?: number }): Promise<MaasEvent[]>
  results(
    systemId: string,
    type: 'commissioning' | 'installation' | 'testing' | 'release',
  ): Promise<MaasResultSet[]>
  getConfig(name: string): Promise<unknown>
  /** Uploads a script or replaces its text if it differs. Not bound to a host. */
  ensureScript(script: {
    name: string
    type: 'release' | 'testing'
    content: string
    timeoutSeconds: number
  }): Promise<void>
}
