import { failed } from '../api/api-error.ts'
import type { Cloud } from '../cloud.ts'
import { find } from '../find.ts'
import type { Extension, Network, Nic, Vm } from '../state.ts'
import type { Ran } from './programs.ts'

/**
 * CloudStack 4.23's NetworkExtensionElement: each network event is one more process of the extension that provides a
 * service of the network, and before each of them it is asked which device has the network.
 */

/** The extension that provides anything of this network, if it is enabled there; null: CloudStack does it all itself. */
function extensionOf({ state }: Cloud, network: Network): Extension | null {
  const { providers = {} } = find(state.networkOfferings, network.offeringId)
  const names = new Set(Object.values(providers))
  const provider = state.networkProviders?.find(({ name, enabled }) => enabled && names.has(name))
  return provider ? find(state.extensions, provider.extensionId) : null
}

function provides({ state }: Cloud, network: Network, service: string): boolean {
  return find(state.networkOfferings, network.offeringId).providers?.[service] !== undefined
}

/** null: CloudStack itself provides it, or nobody. */
export function extensionProviding(cloud: Cloud, network: Network, service: string): Extension | null {
  return provides(cloud, network, service) ? extensionOf(cloud, network) : null
}

/** For a network whose user data an extension provides. */
export async function savePasswordByExtension(cloud: Cloud, nic: Nic, password: string): Promise<Ran> {
  const network = find(cloud.state.networks, nic.networkId)
  const extension = extensionOf(cloud, network)
  if (extension === null) throw failed(`no extension provides UserData of ${network.name}`)
  return run(cloud, extension, network, 'save-password', { ...nicFields(nic), password })
}

/** The network gets its VLAN, and its extension hears of it. */
export async function implementByExtension(cloud: Cloud, network: Network): Promise<void> {
  const extension = extensionOf(cloud, network)
  if (extension === null) return
  const ran = await run(cloud, extension, network, 'implement-network', {})
  if (!ran.ok) throw failed(`Failed to implement network ${network.name}: ${ran.output.trim()}`)
}

/**
 * A NIC is reserved. What becomes of prepare-nic nobody looks at; metadata that could not be saved is a failure.
 * @returns null: all is well
 */
export async function prepareNic(cloud: Cloud, vm: Vm, nic: Nic): Promise<string | null> {
  const network = find(cloud.state.networks, nic.networkId)
  const extension = extensionOf(cloud, network)
  if (extension === null) return null
  await run(cloud, extension, network, 'prepare-nic', { ...nicFields(nic), hostname: vm.name })
  if (!provides(cloud, network, 'UserData')) return null
  const saved = await run(cloud, extension, network, 'save-vm-data', {
    ...nicFields(nic),
    vm_data: vmData(cloud, vm, nic),
  })
  return saved.ok ? null : `Failed to prepare NIC ${nic.mac}: ${saved.output.trim()}`
}

/** A NIC is released; a failure is a line in the log. */
export async function releaseNic(cloud: Cloud, nic: Nic): Promise<void> {
  const network = find(cloud.state.networks, nic.networkId)
  const extension = extensionOf(cloud, network)
  if (extension !== null) await run(cloud, extension, network, 'release-nic', nicFields(nic))
}

/** `destroy`: for good. What CloudStack kept for the extension goes with it. */
export async function shutdownByExtension(cloud: Cloud, network: Network, destroy = false): Promise<void> {
  const extension = extensionOf(cloud, network)
  if (extension === null) return
  const ran = await run(cloud, extension, network, destroy ? 'destroy-network' : 'shutdown-network', {})
  if (!ran.ok) return
  delete network.device
  cloud.touch()
}

async function run(
  cloud: Cloud,
  extension: Extension,
  network: Network,
  command: string,
  fields: Record<string, unknown>,
): Promise<Ran> {
  const payload = { ...networkFields(cloud, network), ...fields }
  await ensureDevice(cloud, extension, network)
  const ran = await call(cloud, extension, network, command, payload)
  cloud.alive()
  return ran
}

/** Its answer is kept as it is; a failure leaves what was kept before. */
async function ensureDevice(cloud: Cloud, extension: Extension, network: Network): Promise<void> {
  const before = network.device ?? '{}'
  const fields = { ...networkFields(cloud, network), current_details: before }
  const { ok, output } = await call(cloud, extension, network, 'ensure-network-device', fields)
  network.device = ok && output.trim() !== '' ? output.trim() : before
  cloud.touch()
}

function call(
  cloud: Cloud,
  extension: Extension,
  network: Network,
  command: string,
  payload: unknown,
): Promise<Ran> {
  const { physicalNetwork, networkProviders } = cloud.state
  const details = networkProviders?.find(({ extensionId }) => extensionId === extension.id)?.details ?? {}
  return cloud.programs.runForNetwork(
    extension,
    command,
    {
      'physical-network-extension-details': { ...details, physicalnetworkname: physicalNetwork.name },
      'network-extension-details': JSON.parse(network.device ?? '{}'),
      payload,
    },
    cloud.newId(),
  )
}

function networkFields({ state }: Cloud, network: Network): Record<string, string> {
  const { gateway, cidr } = network
  return {
    network_id: String(network.number),
    vlan: network.vlan === null ? '' : String(network.vlan),
    zone_id: '1',
    guest_type: network.guestType.toLowerCase(),
    network_state: state.vms.some(({ nics }) => nics.some((nic) => nic.networkId === network.id))
      ? 'implemented'
      : 'allocated',
    ...(gateway === null ? {} : { gateway }),
    ...(cidr === null ? {} : { cidr }),
  }
}

function nicFields(nic: Nic): Record<string, string> {
  return {
    nic_id: String(nic.deviceId + 1),
    nic_uuid: nic.id,
    mac: nic.mac,
    ip: nic.ip ?? '',
    default_nic: String(nic.isDefault),
    device_id: String(nic.deviceId),
  }
}

/** NetworkModelImpl.generateVmData: user data only if there is any, public keys in one text. */
function vmData({ state }: Cloud, vm: Vm, nic: Nic): { dir: string; file: string; content: string }[] {
  const meta = {
    'service-offering': find(state.serviceOfferings, vm.offeringId).displayText,
    'availability-zone': state.zone.name,
    'local-hostname': vm.name,
    'local-ipv4': nic.ip ?? '',
    'public-ipv4': nic.ip ?? '',
    'public-hostname': '',
    'instance-id': vm.id,
    'vm-id': vm.id,
    'public-keys': vm.sshKeys.join('\n'),
    'cloud-identifier': '',
  }
  return [
    ...(vm.userData === '' ? [] : [{ dir: 'userdata', file: 'user-data', content: vm.userData }]),
    ...(vm.password === undefined || !nic.isDefault
      ? []
      : [{ dir: 'password', file: 'vm_password', content: vm.password }]),
    ...Object.entries(meta).map(([file, content]) => ({ dir: 'meta-data', file, content })),
  ]
}
