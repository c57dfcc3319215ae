import type { BlockDevice, Node } from '../model.ts'
import { partitionsOf } from '../storage.ts'
import { API } from './network.ts'
import { renderPartition } from './storage.ts'

const MIB = 1024 * 1024

export function renderBlockDevice(node: Node, disk: BlockDevice) {
  const parts = partitionsOf(node, disk)
  const cut = parts.reduce((sum, part) => sum + part.size, 0)
  // a partition that was given its size leaves room
  const room = node.storage?.rootDevice === disk.id && node.storage.rootSize !== null
  return {
    firmware_version: null,
    partitions: parts.map((part) => renderPartition(node, disk, part)),
    system_id: node.systemId,
    id_path:
      disk.serial === '' ? `/dev/${disk.name}` : `/dev/disk/by-id/${slug(disk.model)}_${slug(disk.serial)}`,
    available_size: parts.length === 0 ? disk.size : room ? disk.size - cut - 6 * MIB : 0,
    uuid: null,
    size: disk.size,
    used_size: parts.length === 0 ? 0 : cut + 6 * MIB,
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
    partition_table_type: parts.length === 0 ? null : 'GPT',
    used_for:
      parts.length === 0
        ? 'Unused'
        : `GPT partitioned with ${parts.length} partition${parts.length === 1 ? '' : 's'}`,
    path: `/dev/disk/by-dname/${disk.name}`,
    resource_uri: `${API}/nodes/${node.systemId}/blockdevices/${disk.id}/`,
  }
}

function slug(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9]+/g, '_')
}
