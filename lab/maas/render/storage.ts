import type { BlockDevice, Node } from '../model.ts'
import { type Partition, type VirtualDevice, virtualDevice } from '../storage.ts'
import { API } from './network.ts'

export function renderPartition(node: Node, disk: BlockDevice, part: Partition) {
  return {
    uuid: part.uuid,
    size: part.size,
    bootable: part.bootable,
    tags: [],
    id: part.id,
    system_id: node.systemId,
    filesystem: part.filesystem,
    type: 'partition',
    used_for: part.usedFor,
    path: `/dev/disk/by-dname/${disk.name}-part${part.number}`,
    device_id: disk.id,
    resource_uri: `${API}/nodes/${node.systemId}/blockdevices/${disk.id}/partition/${part.id}`,
  }
}

/** Logical volumes and bcaches, as `virtualblockdevice_set`, `volume_groups`, `bcaches` and `cache_sets` show them. */
export function renderVirtual(node: Node) {
  const device = virtualDevice(node)
  const { storage } = node
  const none = { virtual: [], volumeGroups: [], bcaches: [], cacheSets: [] }
  if (device === null || storage === undefined) return none
  const shown = renderDevice(node, device)
  const backing = renderPartition(node, device.on.disk, device.on.partition)
  const about = { system_id: node.systemId, id: storage.group.id, uuid: storage.group.uuid }
  const sized = { size: device.size, human_size: human(device.size) }
  if (storage.name === 'lvm') {
    const group = {
      ...{ ...about, name: 'vgroot', devices: [backing], ...sized },
      ...{ available_size: 0, human_available_size: human(0) },
      ...{ used_size: device.size, human_used_size: human(device.size), logical_volumes: [shown] },
      resource_uri: `${API}/nodes/${node.systemId}/volume-group/${storage.group.id}/`,
    }
    return { ...none, virtual: [shown], volumeGroups: [group] }
  }
  const cacheSet = {
    ...{ system_id: node.systemId, id: storage.group.id, name: 'cache0' },
    resource_uri: `${API}/nodes/${node.systemId}/bcache-cache-set/${storage.group.id}/`,
  }
  const bcache = {
    ...{ ...about, name: 'bcache0', cache_set: cacheSet, backing_device: backing, ...sized },
    ...{ virtual_device: shown, cache_mode: 'writethrough' },
    resource_uri: `${API}/nodes/${node.systemId}/bcache/${storage.group.id}/`,
  }
  return { ...none, virtual: [shown], bcaches: [bcache], cacheSets: [cacheSet] }
}

function renderDevice(node: Node, { id, uuid, name, size, filesystem }: VirtualDevice) {
  return {
    ...{ id, uuid, name, size, filesystem, type: 'virtual', partitions: [], partition_table_type: null },
    ...{ system_id: node.systemId, available_size: 0, used_size: size, block_size: 512, tags: [] },
    ...{ serial: null, model: null, id_path: null, firmware_version: null, numa_node: null },
    ...{ storage_pool: null, used_for: 'ext4 formatted filesystem mounted at /' },
    path: `/dev/disk/by-dname/${name}`,
    resource_uri: `${API}/nodes/${node.systemId}/blockdevices/${id}/`,
  }
}

function human(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
