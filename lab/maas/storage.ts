import { randomUUID } from 'node:crypto'
import { badRequest, conflict, invalid } from './http/answer.ts'
import type { Form } from './http/form.ts'
import type { BlockDevice, Node, StorageLayout } from './model.ts'
import type { Region } from './region.ts'
import { READY } from './status.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30
/** MAAS cuts partitions in extents of 4 MiB (maasserver/models/partition.py). */
const EXTENT = 4 * MIB
/** maasserver/storage_layouts.py. */
const EFI = 512 * MIB
const MIN_BOOT = 512 * MIB
const MIN_ROOT = 3 * GIB

const NAMES = ['bcache', 'blank', 'custom', 'flat', 'lvm', 'vmfs6', 'vmfs7'] as const

/** POST set_storage_layout (maasserver/api/machines.py and storage_layouts.py of 3.7), with its refusals. */
export function setLayout(region: Region, node: Node, form: Form): void {
  if (node.status !== READY)
    throw conflict('Cannot change the storage layout on a machine that is not Ready.')
  const name = layoutName(form)
  const [boot] = node.disks
  if (boot === undefined)
    throw badRequest('Machine is missing a boot disk; no storage layout can be applied.')
  const bootSize = size(form, 'boot_size', MIN_BOOT, boot.size - EFI - MIN_ROOT) ?? 0
  const rootSize = size(form, 'root_size', MIN_ROOT, boot.size - EFI - MIN_BOOT)
  const rootDevice = device(node, form) ?? boot
  if (rootSize !== null && EFI + bootSize + rootSize > boot.size)
    throw invalid({
      __all__: [
        'Size of the boot partition and root partition are larger than the available space on the boot disk.',
      ],
    })
  if (name === 'custom' || name === 'vmfs6' || name === 'vmfs7')
    throw badRequest(`Failed to configure storage layout '${name}': the lab's MAAS does not have it.`)
  const cache = name === 'bcache' ? bestCache(node) : undefined
  if (name === 'bcache' && cache === undefined)
    throw badRequest(
      "Failed to configure storage layout 'bcache': Node doesn't have an available cache device to setup bcache.",
    )
  node.storage = {
    name,
    rootDevice: rootDevice.id,
    rootSize,
    bootSize: name === 'bcache' && bootSize === 0 ? GIB : bootSize,
    cacheDevice: cache?.id ?? null,
    bootPartition: { id: region.nextId('partition'), uuid: randomUUID(), filesystemUuid: randomUUID() },
    group: { id: region.nextId('filesystemGroup'), uuid: randomUUID() },
    virtual: { id: region.nextId('blockDevice'), uuid: randomUUID(), filesystemUuid: randomUUID() },
  }
}

function layoutName(form: Form): StorageLayout['name'] | 'custom' | 'vmfs6' | 'vmfs7' {
  const given = form.get('storage_layout') ?? ''
  if (given === '') throw invalid({ storage_layout: ['This field is required.'] })
  const name = NAMES.find((one) => one === given)
  if (name !== undefined) return name
  const list = NAMES.map((one) => `'${one}'`).join(', ')
  throw invalid({
    storage_layout: [`'${given}' is not a valid storage_layout.  It should be one of: ${list}.`],
  })
}

function size(form: Form, field: string, min: number, max: number): number | null {
  const text = form.get(field) ?? ''
  if (text === '') return null
  const bytes = Number(text)
  if (!Number.isInteger(bytes)) throw invalid({ [field]: ['Ensure this value is in bytes.'] })
  if (bytes < min) throw invalid({ [field]: [`Size is too small. Minimum size is ${min}.`] })
  if (bytes > max) throw invalid({ [field]: [`Size is too large. Maximum size is ${max}.`] })
  return bytes
}

function device(node: Node, form: Form): BlockDevice | undefined {
  const given = form.get('root_device') ?? ''
  if (given === '') return undefined
  const found = node.disks.find(({ id }) => String(id) === given)
  if (found !== undefined) return found
  const list = node.disks.map(({ id }) => `'${id}'`).join(', ')
  throw invalid({ root_device: [`'${given}' is not a valid root_device.  It should be one of: ${list}.`] })
}

/** The smallest SSD beside the boot disk; all disks of the lab are SSDs. */
function bestCache(node: Node): BlockDevice | undefined {
  return node.disks.slice(1).sort((a, b) => a.size - b.size)[0]
}

/** POST restore_storage_configuration: the lab's default_storage_layout is flat. */
export function restoreLayout(node: Node): void {
  node.storage = undefined
}

export interface Filesystem {
  fstype: string
  label: string
  uuid: string
  mount_point: string
  mount_options: string | null
}

export interface Partition {
  id: number
  uuid: string
  number: number
  size: number
  bootable: boolean
  filesystem: Filesystem
  usedFor: string
}

/** What a disk is cut into; none: it is unused. */
export function partitionsOf(node: Node, disk: BlockDevice): Partition[] {
  const { storage } = node
  const boot = node.disks[0] === disk
  const first = boot ? 2 : 1
  if (storage?.name === 'blank') return []
  const parts: Partition[] = []
  if (storage && boot && storage.bootSize > 0)
    parts.push({
      ...{ id: storage.bootPartition.id, uuid: storage.bootPartition.uuid, number: first, bootable: true },
      size: storage.bootSize,
      filesystem: filesystem('ext4', storage.bootPartition.filesystemUuid, 'boot', '/boot'),
      usedFor: 'ext4 formatted filesystem mounted at /boot',
    })
  const own = {
    id: disk.partitionId,
    uuid: disk.partitionUuid,
    number: first + parts.length,
    bootable: false,
  }
  const left = rootPartitionSize(disk) - parts.reduce((sum, part) => sum + part.size, 0)
  if (storage?.cacheDevice === disk.id)
    parts.push({
      ...{ ...own, size: left, usedFor: 'Cache device for bcache0' },
      filesystem: filesystem('bcache-cache', disk.filesystemUuid),
    })
  else if (storage ? storage.rootDevice === disk.id : boot)
    parts.push({
      ...{ ...own, size: storage?.rootSize ? floor(storage.rootSize) : left },
      ...rootOn(node, disk),
    })
  return parts
}

function rootOn({ storage }: Node, disk: BlockDevice): Pick<Partition, 'filesystem' | 'usedFor'> {
  const uuid = disk.filesystemUuid
  if (storage?.name === 'lvm')
    return { filesystem: filesystem('lvm-pv', uuid), usedFor: 'LVM volume for vgroot' }
  if (storage?.name === 'bcache')
    return { filesystem: filesystem('bcache-backing', uuid), usedFor: 'Backing device for bcache0' }
  return {
    filesystem: filesystem('ext4', uuid, 'root', '/'),
    usedFor: 'ext4 formatted filesystem mounted at /',
  }
}

export function filesystem(fstype: string, uuid: string, label = '', mountPoint = ''): Filesystem {
  return { fstype, label, uuid, mount_point: mountPoint, mount_options: null }
}

export interface VirtualDevice {
  id: number
  uuid: string
  name: string
  size: number
  filesystem: Filesystem
  /** What it is made of. */
  on: { disk: BlockDevice; partition: Partition }
}

/** The logical volume or the bcache that carries the root file system. */
export function virtualDevice(node: Node): VirtualDevice | null {
  const { storage } = node
  if (storage?.name !== 'lvm' && storage?.name !== 'bcache') return null
  const disk = node.disks.find(({ id }) => id === storage.rootDevice)
  const partition = disk && partitionsOf(node, disk).at(-1)
  if (disk === undefined || partition === undefined) return null
  const { id, uuid, filesystemUuid } = storage.virtual
  return {
    id,
    uuid,
    name: storage.name === 'lvm' ? 'vgroot-lvroot' : 'bcache0',
    // a volume group keeps one extent of each of its devices to itself
    size: storage.name === 'lvm' ? floor(partition.size) - EXTENT : partition.size,
    filesystem: filesystem('ext4', filesystemUuid, 'root', '/'),
    on: { disk, partition },
  }
}

/** Is there a root file system to install on? */
export function hasRoot(node: Node): boolean {
  return node.disks.length > 0 && node.storage?.name !== 'blank'
}

/** Names of the disks beside the boot disk that an installation writes to. */
export function alsoWritten(node: Node): string[] {
  const { storage } = node
  return node.disks
    .slice(1)
    .filter(({ id }) => id === storage?.rootDevice || id === storage?.cacheDevice)
    .map(({ name }) => name)
}

/** The size of the root partition in the flat layout: what 4 MiB of table and 4 MiB of boot area leave. */
export function rootPartitionSize(disk: BlockDevice): number {
  return floor(disk.size) - EXTENT
}

function floor(bytes: number): number {
  return Math.floor(bytes / EXTENT) * EXTENT
}
