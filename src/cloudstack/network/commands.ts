/**
 * What CloudStack 4.23 asks of a NetworkOrchestrator (NetworkExtensionElement.java, read at
 * 0aef8c8f2aae2ed89c4cff62ec37ca4037a98f93), by what Ferrule makes of it. It provides UserData, and no other service.
 */
type Meaning =
  /** Which device has the network: answered with one line of JSON, the same for ever. */
  | 'device'
  /** A network or a NIC comes or goes: a reason to look at CloudStack's own records. */
  | 'hint'
  /** Something to be kept for the tenant's server. */
  | 'data'
  /** Something ends that was never here, or is of no concern. */
  | 'nothing'
  /** A service that somebody would rely on, and that is not there. */
  | 'refused'

const meanings = {
  'ensure-network-device': 'device',
  'implement-network': 'hint',
  'shutdown-network': 'hint',
  'destroy-network': 'hint',
  'prepare-nic': 'hint',
  'release-nic': 'hint',
  'save-vm-data': 'data',
  'save-userdata': 'data',
  'save-sshkey': 'data',
  'save-password': 'refused',
  'save-hypervisor-hostname': 'nothing',
  // of a server whose state was lost; nothing of ours was, and each start of a VM says it anew
  'restore-network': 'nothing',
  'implement-vpc': 'nothing',
  'shutdown-vpc': 'nothing',
  'remove-dhcp-entry': 'nothing',
  'remove-dhcp-subnet': 'nothing',
  'remove-dns-entry': 'nothing',
  'remove-dns-subnet': 'nothing',
  'release-ip': 'nothing',
  'delete-static-nat': 'nothing',
  'delete-port-forward': 'nothing',
  'add-dhcp-entry': 'refused',
  'config-dhcp-subnet': 'refused',
  'set-dhcp-options': 'refused',
  'add-dns-entry': 'refused',
  'config-dns-subnet': 'refused',
  'assign-ip': 'refused',
  'add-static-nat': 'refused',
  'add-port-forward': 'refused',
  'apply-fw-rules': 'refused',
  'apply-lb-rules': 'refused',
  'apply-network-acl': 'refused',
  'update-vpc-source-nat-ip': 'refused',
  'custom-action': 'refused',
} as const satisfies Record<string, Meaning>

export type NetworkCommand = keyof typeof meanings

export function isNetworkCommand(action: string): action is NetworkCommand {
  return Object.hasOwn(meanings, action)
}

export function meaningOf(command: NetworkCommand): Meaning {
  return meanings[command]
}
