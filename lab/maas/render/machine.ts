import type { Named, Node } from '../model.ts'
import type { Region } from '../region.ts'
import { DEPLOYED, DEPLOYING, DISK_ERASING, RELEASING, statusName } from '../status.ts'
import { renderBlockDevice } from './block-device.ts'
import { API, renderInterface } from './network.ts'
import { setStatus } from './results.ts'
import { renderVirtual } from './storage.ts'

const UNTESTED = -1

/** The machine as API 2.0 of MAAS 3.7.3 shows it: every field of a real one, in its order. */
export function renderMachine(region: Region, node: Node) {
  const { state } = region
  const interfaces = node.interfaces.map((iface) => renderInterface(region, node, iface))
  const disks = node.disks.map((disk) => renderBlockDevice(node, disk))
  const { virtual, volumeGroups, bcaches, cacheSets } = renderVirtual(node)
  const commissioning = state.scriptSets.find((set) => set.id === node.commissioningSet)
  const commissioningStatus = commissioning === undefined ? UNTESTED : setStatus(commissioning)
  const domain = named(state.domains, node.domain)
  const pool = named(state.pools, node.pool)
  const zone = named(state.zones, node.zone)
  return {
    system_id: node.systemId,
    interface_test_status_name: 'Unknown',
    cpu_test_status_name: 'Unknown',
    storage_test_status: UNTESTED,
    memory: node.memory,
    description: node.description,
    virtualmachine_id: null,
    node_type_name: 'Machine',
    cpu_speed: node.cpuSpeed,
    status: node.status,
    status_name: statusName(node.status),
    osystem: node.osystem,
    swap_size: null,
    hwe_kernel: node.hweKernel,
    other_test_status_name: 'Unknown',
    other_test_status: UNTESTED,
    workload_annotations: node.annotations,
    default_gateways: { ipv4: defaultGateway(region, node), ipv6: { gateway_ip: null, link_id: null } },
    commissioning_status: commissioningStatus,
    is_dpu: false,
    status_action: node.statusAction,
    min_hwe_kernel: node.minHweKernel,
    architecture: node.architecture,
    ephemeral_deploy: false,
    pool: {
      name: pool.name,
      description: pool.description,
      id: pool.id,
      resource_uri: `${API}/resourcepool/${pool.id}/`,
    },
    hardware_info: hardwareInfo(node),
    netboot: node.netboot,
    interface_test_status: UNTESTED,
    memory_test_status: UNTESTED,
    distro_series: node.distroSeries,
    parent: null,
    domain: {
      authoritative: true,
      ttl: null,
      name: domain.name,
      id: domain.id,
      resource_record_count: 0,
      is_default: domain.id === 0,
      resource_uri: `${API}/domains/${domain.id}/`,
    },
    commissioning_status_name: STATUS_NAMES.get(commissioningStatus) ?? 'Unknown',
    boot_interface: interfaces.find((iface) => iface.id === bootInterfaceId(node)) ?? null,
    power_state: node.powerState,
    last_sync: null,
    address_ttl: null,
    numanode_set: [
      { index: 0, memory: node.memory, cores: [...Array(node.cpuCount).keys()], hugepages_set: [] },
    ],
    bios_boot_method: node.hardware === null ? null : 'uefi',
    hardware_uuid: node.hardwareUuid,
    disable_ipv4: false,
    virtualblockdevice_set: virtual,
    hostname: node.hostname,
    interface_set: interfaces,
    testing_status_name: 'Unknown',
    enable_kernel_crash_dump: false,
    raids: [],
    sync_interval: null,
    enable_hw_sync: false,
    pod: null,
    current_testing_result_id: node.testingSet,
    locked: node.locked,
    testing_status: UNTESTED,
    volume_groups: volumeGroups,
    owner_data: node.annotations,
    tag_names: node.tags,
    node_type: 0,
    cpu_count: node.cpuCount,
    status_message: node.statusMessage,
    cpu_test_status: UNTESTED,
    blockdevice_set: [...disks, ...virtual],
    error_description: node.errorDescription,
    network_test_status: UNTESTED,
    physicalblockdevice_set: disks,
    boot_disk: disks[0] ?? null,
    cache_sets: cacheSets,
    fqdn: `${node.hostname}.${domain.name}`,
    current_commissioning_result_id: node.commissioningSet,
    current_installation_result_id: node.installationSet,
    ip_addresses: ipAddresses(node),
    memory_test_status_name: 'Unknown',
    bcaches,
    zone: {
      name: zone.name,
      description: zone.description,
      id: zone.id,
      resource_uri: `${API}/zones/${zone.name}/`,
    },
    next_sync: null,
    storage_test_status_name: 'Unknown',
    power_type: node.powerType,
    storage: node.disks.reduce((sum, disk) => sum + disk.size, 0) / 1e6,
    special_filesystems: [],
    network_test_status_name: 'Unknown',
    owner: node.owner,
    resource_uri: `${API}/machines/${node.systemId}/`,
  }
}

/** maasserver SCRIPT_STATUS by number, as far as machines show them. */
const STATUS_NAMES = new Map([
  [0, 'Pending'],
  [1, 'Running'],
  [2, 'Passed'],
  [3, 'Failed'],
  [4, 'Timed out'],
  [5, 'Aborted'],
])

/** The NIC that last PXE-booted, else the one with the lowest id. */
export function bootInterfaceId(node: Node): number | null {
  if (node.bootInterface !== null) return node.bootInterface
  return node.interfaces.find((iface) => iface.type === 'physical')?.id ?? null
}

function defaultGateway(region: Region, node: Node) {
  const link = node.interfaces
    .flatMap((iface) => iface.links)
    .find((one) => one.mode === 'auto' || one.mode === 'static')
  const subnet = region.state.subnets.find((one) => one.id === link?.subnet)
  return { gateway_ip: subnet?.gateway ?? null, link_id: null }
}

function ipAddresses(node: Node): string[] {
  if (![DEPLOYING, DEPLOYED, RELEASING, DISK_ERASING].includes(node.status)) return []
  return node.interfaces
    .flatMap((iface) => iface.links)
    .flatMap((link) => (link.ip === null ? [] : [link.ip]))
}

function named(things: Named[], id: number): Named {
  return things.find((thing) => thing.id === id) ?? { id, name: 'default', description: '' }
}

function hardwareInfo(node: Node) {
  const unknown = 'Unknown'
  const known = node.hardware
  return {
    system_vendor: known?.vendor ?? unknown,
    system_product: known?.product ?? unknown,
    system_family: unknown,
    system_version: unknown,
    system_sku: unknown,
    system_serial: known?.serial ?? unknown,
    cpu_model: known?.cpuModel ?? unknown,
    mainboard_vendor: known?.vendor ?? unknown,
    mainboard_product: unknown,
    mainboard_serial: unknown,
    mainboard_version: unknown,
    mainboard_firmware_vendor: unknown,
    mainboard_firmware_date: unknown,
    mainboard_firmware_version: unknown,
    chassis_vendor: unknown,
    chassis_type: unknown,
    chassis_serial: unknown,
    chassis_version: unknown,
  }
}
