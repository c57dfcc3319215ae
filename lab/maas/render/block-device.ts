import type { BlockDevice, Node } from '../model.ts'
import { API } from './network.ts'

const MIB = 1024 * 1024
/** MAAS cuts partitions in extents of 4 MiB (maasserver/models/partition.py). */
const EXTENT = 4 * MIB

/** The size of the root partition in the flat layout: what 4 MiB of table and 4 MiB of boot area leave. */
export function rootPartitionSize(disk: BlockDevice): number {
  return Math.floor(disk.size / EXTENT) * EXTENT - EXTENT
}

export function renderBlockDevice(node: Node, disk: BlockDevice) {
  const boot = node.disks[0] === disk
  const root = rootPartitionSize(disk)
  return {
    firmware_version: null,
    partitions: boot ? [rootPartition(node, disk, root)] : [],
    system_id: node.systemId,
    id_path:
      disk.serial === '' ? `/dev/${disk.name}` : `/dev/disk/by-id/${slug(disk.model)}_${slug(disk.serial)}`,
    available_size: boot ? 0 : disk.size,
    uuid: null,
    size: disk.size,
    used_size: boot ? root + 6 * MIB : 0,
    filesystem: null,
    type: 'physical',
    model: disk.model,
    block_size: 512,
    name: disk.name,
    id: disk.id,
    numa_node: 0,
    serial: disk.serial,
    tags: disk.name.startsWith('nvme') ? ['ssd', 'nvme'] : ['ssd', 'sata'],
    storage_pool: null,
    partition_table_type: boot ? 'GPT' : null,
    used_for: boot ? 'GPT partitioned with 1 partition' : 'Unused',
    path: `/dev/disk/by-dname/${disk.name}`,
    resource_uri: `${API}/nodes/${node.systemId}/blockdevices/${disk.id}/`,
  }
}

function rootPartition(node: Node, disk: BlockDevice, size: number) {
  return {
    uuid: disk.partitionUuid,
    size,
    bootable: false,
    tags: [],
    id: disk.partitionId,
    system_id: node.systemId,
    filesystem: {
      fstype: 'ext4',
      label: 'root',
      uuid: disk.filesystemUuid,
      mount_point: '/',
      mount_options: null,
    },
    type: 'partition',
    used_for: 'ext4 formatted filesystem mounted at /',
    path: `/dev/disk/by-dname/${disk.name}-part2`,
    device_id: disk.id,
    resource_uri: `${API}/nodes/${node.systemId}/blockdevices/${disk.id}/partition/${disk.partitionId}`,
  }
}

function slug(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9]+/g, '_')
}
