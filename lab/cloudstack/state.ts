/** What CloudStack's database holds, as far as the lab has it: plain JSON, kept in the lab's state file. */
export interface CloudState {
  /** How many ids were given, so that none comes twice over a restart. */
  ids: number
  /** Numbers as the database counts them, which show in names: networks from 204 on, VMs from 3 on. */
  numbers: { network: number; vm: number; event: number; vpc?: number }
  zone: Named
  pod: Named
  physicalNetwork: Named & { vlans: { from: number; to: number } }
  domain: Named
  account: Named
  /** `id` is the user's. */
  user: Named
  role: Named
  networkOfferings: NetworkOffering[]
  /** Extensions of the type NetworkOrchestrator, registered with the physical network. Absent: none. */
  networkProviders?: NetworkProvider[]
  /** Absent: none. */
  vpcOfferings?: Named[]
  /** Absent: none. */
  vpcs?: Vpc[]
  clusters: Cluster[]
  hosts: Host[]
  extensions: Extension[]
  customActions: CustomAction[]
  templates: Template[]
  serviceOfferings: ServiceOffering[]
  keyPairs: { id: string; name: string; publicKey: string; fingerprint: string }[]
  networks: Network[]
  vms: Vm[]
  jobs: Job[]
  events: CloudEvent[]
  webhooks: Webhook[]
  deliveries: Delivery[]
  rcts: { id: string; url: string }[]
}

export interface Named {
  id: string
  name: string
}

export type Details = Record<string, string>

export type Tags = Record<string, string>

export type GuestType = 'Isolated' | 'Shared' | 'L2'

export interface NetworkOffering extends Named {
  guestType: GuestType
  /** Its networks get a /64 of IPv6 beside their addresses of IPv4. Absent: IPv4 alone. */
  dualStack?: boolean
  /** The creator names the VLAN; else it comes from the physical network's range. */
  specifyVlan: boolean
  /** Who provides a service, by its name. Absent: CloudStack's own, as the kind of network has them. */
  providers?: Record<string, string>
  /** For tiers of a VPC, and for nothing else. Absent: for networks of their own. */
  forVpc?: boolean
  /** Of one that an operator made: absent means that it is. */
  enabled?: boolean
}

/** A network service provider of the physical network. Its name is the extension's. */
export interface NetworkProvider extends Named {
  extensionId: string
  enabled: boolean
  /** Of the registration. */
  details: Details
}

export interface Cluster extends Named {
  hypervisor: string
  /** The extension that the cluster is registered with, and the details of that. */
  extensionId: string | null
  extensionDetails: Details
}

export interface Host extends Named {
  clusterId: string
  url: string
  tags: string[]
  /** `External:` left out. */
  externalDetails: Details
  /** Of the old baremetal plugin's hosts; null for others. */
  baremetal: { cpuNumber: number; cpuSpeed: number; memoryMib: number; mac: string } | null
  /** Absent: it is not in maintenance. */
  maintenance?: boolean
  created: string
}

export interface Extension extends Named {
  type: string
  description: string
  path: string
  details: Details
  requiresPrepare: boolean
  state: 'Enabled' | 'Disabled'
  created: string
}

export interface CustomAction extends Named {
  extensionId: string
  description: string
  resourceType: string
  enabled: boolean
  /** Seconds. */
  timeout: number
  roles: string[]
  parameters: Record<string, string>[]
  details: Details
  successMessage: string | null
  errorMessage: string | null
  created: string
}

export interface Template extends Named {
  displayText: string
  url: string
  format: string
  hypervisor: string
  arch: string
  passwordEnabled: boolean
  extensionId: string | null
  externalDetails: Details
  details: Details
  created: string
}

export interface ServiceOffering extends Named {
  displayText: string
  cpuNumber: number
  cpuSpeed: number
  memoryMib: number
  hostTags: string[]
  planner: string | null
  externalDetails: Details
  created: string
}

/** A private cloud: one virtual router for all of its networks, which are its tiers. */
export interface Vpc extends Named {
  number: number
  displayText: string
  offeringId: string
  /** In it lie those of its tiers, apart from each other. */
  cidr: string
  networkDomain: string
  /** Source NAT of all tiers. */
  publicIp: string
  tags?: Tags
  created: string
}

export interface Network extends Named {
  number: number
  displayText: string
  offeringId: string
  guestType: GuestType
  /** null: none until the first server in it starts, and none again after the last one stopped. */
  vlan: number | null
  /** null: layer 2 alone. */
  cidr: string | null
  gateway: string | null
  netmask: string | null
  /** A /64, whose second half NICs make of their MACs. Absent: no IPv6. */
  ip6?: { cidr: string; gateway: string }
  /** Source NAT of an isolated network. */
  publicIp: string | null
  /** It is a tier of this VPC. Absent: of none. */
  vpcId?: string
  /** Addresses and MACs count up: neither is given again while a former owner may still use it. */
  addresses: number
  macs: number
  tags?: Tags
  created: string
  /** What its extension said of the device, as it said it. Absent: nothing yet. */
  device?: string
}

export interface Nic {
  id: string
  networkId: string
  mac: string
  ip: string | null
  /** Absent: its network has no IPv6. */
  ip6?: string
  isDefault: boolean
  deviceId: number
}

export type VmState = 'Starting' | 'Running' | 'Stopping' | 'Stopped' | 'Destroyed' | 'Expunging' | 'Error'

export interface Vm extends Named {
  number: number
  /** i-2-3-VM */
  instanceName: string
  displayName: string
  state: VmState
  templateId: string
  offeringId: string
  hostId: string | null
  lastHostId: string | null
  /** The details of template, offering and user, and what prepare gave back. */
  details: Details
  nics: Nic[]
  /** Not yet asked of the extension: the first start prepares and creates. */
  deployVm: boolean
  vncPassword: string
  userData: string
  /** What the next start brings to the virtual router, and tells. Absent: none. */
  password?: string
  sshKeys: string[]
  keyPairs: string[]
  /** Instances are put into groups by name; a name is all that a group is. */
  group?: string | undefined
  tags?: Tags
  created: string
}

export interface Job {
  id: string
  command: string
  status: 0 | 1 | 2
  result: unknown
  resultCode: number
  instanceType: string | null
  instanceId: string | null
  created: string
  completed: string | null
}

export interface CloudEvent {
  id: string
  type: string
  state: 'Scheduled' | 'Started' | 'Completed'
  level: 'INFO' | 'ERROR'
  description: string
  resourceId: string | null
  resourceType: string
  created: string
}

export interface Webhook extends Named {
  description: string
  payloadUrl: string
  secretKey: string | null
  state: 'Enabled' | 'Disabled'
  created: string
}

export interface Delivery {
  id: string
  webhookId: string
  eventId: string
  eventType: string
  payload: string
  success: boolean
  response: string
  startedAt: string
  endedAt: string
}
