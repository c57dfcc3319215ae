import type { SeenLayout } from '../domain/disk-layout.ts'
import { FerruleError } from '../domain/errors.ts'
import { resultTypeName, statusName } from './status.ts'
import type { MaasInterface, MaasMachine, MaasResultSet } from './types.ts'
import { isoTime, type WireInterface, type WireMachine, type WireResultSet } from './wire.ts'

export function toMachine(wire: WireMachine): MaasMachine {
  const status = statusName(wire.status)
  if (!status) {
    throw new FerruleError(
      'maas-refused',
      `MAAS gives ${wire.hostname} (${wire.system_id}) the unknown status ${wire.status}`,
      'This MAAS is newer than Ferrule knows: update Ferrule.',
    )
  }
  return {
    systemId: wire.system_id,
    hostname: wire.hostname,
    status,
    statusMessage: wire.status_message,
    powerState: wire.power_state,
    powerType: wire.power_type,
    owner: wire.owner === '' ? null : wire.owner,
    locked: wire.locked,
    architecture: wire.architecture,
    cpuCount: wire.cpu_count,
    cpuSpeedMhz: wire.cpu_speed,
    memoryMiB: wire.memory,
    tags: wire.tag_names,
    annotations: wire.workload_annotations,
    osystem: wire.osystem,
    distroSeries: wire.distro_series,
    netboot: wire.netboot,
    interfaces: wire.interface_set.map(toInterface),
    bootInterfaceId: wire.boot_interface?.id ?? null,
    disks: wire.physicalblockdevice_set.map(({ id, name, serial, model, size }) => ({
      id,
      name,
      serial: serial ?? '',
      model: model ?? '',
      size,
    })),
    bootDisk: wire.boot_disk?.name,
    diskLayout: toLayout(wire),
    errorDescription: wire.error_description,
    commissioningId: wire.current_commissioning_result_id ?? null,
    hardware: { serial: told(wire.hardware_info?.system_serial), uuid: told(wire.hardware_uuid) },
  }
}

/** MAAS tells no name for it: it is what is mounted at / and what that stands on (maasserver/storage_layouts.py, is_layout). */
function toLayout({ physicalblockdevice_set, virtualblockdevice_set }: WireMachine): SeenLayout | null {
  const virtual = virtualblockdevice_set.some(({ filesystem }) => filesystem?.mount_point === '/')
  for (const { name: disk, size: diskSize, partitions } of physicalblockdevice_set) {
    for (const { size: rootSize, filesystem } of partitions) {
      const place = { disk, diskSize, rootSize }
      if (filesystem?.mount_point === '/') return { name: 'flat', ...place }
      if (virtual && filesystem?.fstype === 'lvm-pv') return { name: 'lvm', ...place }
      if (virtual && filesystem?.fstype === 'bcache-backing') return { name: 'bcache', ...place }
    }
  }
  return null
}

/** MAAS writes "Unknown" for what commissioning did not find. */
function told(value: string | undefined): string | null {
  return value === undefined || value === '' || value === 'Unknown' ? null : value
}

const INTERFACE_TYPES = ['physical', 'bond', 'vlan', 'bridge'] as const

export function toInterface(wire: WireInterface): MaasInterface {
  return {
    id: wire.id,
    name: wire.name,
    type: INTERFACE_TYPES.find((type) => type === wire.type) ?? 'unknown',
    mac: (wire.mac_address ?? '').toLowerCase(),
    vlanId: wire.vlan?.id ?? null,
    parents: wire.parents,
    links: wire.links.map((link) => ({ id: link.id, mode: link.mode, subnetId: link.subnet?.id ?? null })),
    params: wire.params,
  }
}

export function toResultSet(wire: WireResultSet): MaasResultSet {
  return {
    id: wire.id,
    type: resultTypeName(wire.type),
    status: wire.status_name,
    ...times(wire),
    results: wire.results.map((result) => ({
      id: result.id,
      name: result.name,
      status: result.status_name,
      exitStatus: result.exit_status,
      ...times(result),
      output: Buffer.from(result.output, 'base64').toString('utf8'),
    })),
  }
}

function times(wire: { started: string | null; ended: string | null }): {
  started: string | null
  ended: string | null
} {
  return {
    started: wire.started ? isoTime(wire.started) : null,
    ended: wire.ended ? isoTime(wire.ended) : null,
  }
}
