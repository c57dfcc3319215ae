import { FerruleError } from './errors.ts'
import type { HostDisk } from './host.ts'

/** MAAS's storage layouts that a system can be installed in and started from. */
export const diskLayouts = ['flat', 'lvm', 'bcache'] as const

export interface DiskLayout {
  name: (typeof diskLayouts)[number]
  /** By its name in MAAS, e.g. nvme0n1; null: the disk that the machine boots from. */
  rootDisk: string | null
  /** Bytes of the partition that the root file system is on, or is made of; null: all that is left. */
  rootSize: number | null
}

/** What MAAS says of a machine's root file system. */
export interface SeenLayout {
  name: DiskLayout['name']
  disk: string
  /** Bytes of that disk, and of the partition on it. */
  diskSize: number
  rootSize: number
}

const GIB = 2 ** 30
/** maasserver/storage_layouts.py: no root is smaller, and twice 512 MiB are left for the partitions before it. */
const SMALLEST_ROOT = 3 * GIB
const BEFORE_ROOT = GIB
/** What the partition before bcache's has, as nothing can boot from bcache itself. */
const BCACHE_BOOT = GIB
/** MAAS cuts partitions in extents of 4 MiB, and tables and partitions before the root take their part. */
const ROUNDING = 64 * 2 ** 20

const UNITS: Readonly<Record<string, number>> = { M: 1e6, G: 1e9, T: 1e12 }

const noSystem: Readonly<Record<string, string>> = {
  blank: 'leaves the disks without a root file system, so that nothing can be installed',
  custom: 'is what a commissioning script of your own says, which no offering can know',
  vmfs6: 'is for VMware ESXi, which Ferrule does not install',
  vmfs7: 'is for VMware ESXi, which Ferrule does not install',
}

/**
 * `lvm`, `flat,root_size=200G`, `lvm,root_disk=nvme0n1,root_size=1.5T`: as an offering and CloudStack's detail write it.
 * @throws invalid-input, telling what is wrong with which part
 */
export function parseDiskLayout(text: string): DiskLayout {
  const [name = '', ...options] = text.split(',').map((part) => part.trim())
  const layout: DiskLayout = { name: knownName(name), rootDisk: null, rootSize: null }
  for (const option of options) {
    const [key = '', value = ''] = option.split('=', 2)
    if (key === 'root_disk' && /^[A-Za-z0-9_-]{1,64}$/.test(value)) layout.rootDisk = value
    else if (key === 'root_size') layout.rootSize = parseSize(value)
    else
      throw wrong(
        `"${option}" is no option of a disk layout`,
        'Options are root_disk=NAME and root_size=SIZE.',
      )
  }
  if (layout.name === 'bcache' && layout.rootDisk !== null)
    throw wrong(
      'disk layout bcache has its root on the disk that the machine boots from, and takes no root_disk',
      'Leave out root_disk.',
    )
  return layout
}

function knownName(name: string): DiskLayout['name'] {
  const known = diskLayouts.find((one) => one === name)
  if (known) return known
  const why = noSystem[name]
  throw wrong(
    why === undefined ? `disk layout "${name}" is unknown` : `disk layout ${name} ${why}`,
    `Use one of ${diskLayouts.join(', ')}, with ",root_size=200G" or ",root_disk=nvme0n1" behind it if need be.`,
  )
}

function parseSize(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([MGT])$/.exec(text) ?? []
  const bytes = Math.round(Number(number) * (UNITS[unit] ?? 0))
  if (bytes === 0)
    throw wrong(`"${text}" is no size`, 'Write root_size like 200G or 1.5T; G is 10^9 bytes, as in MAAS.')
  if (bytes < SMALLEST_ROOT)
    throw wrong(`a root of ${text} is too small`, 'MAAS makes none below 3 GiB: write root_size=4G or more.')
  return bytes
}

function wrong(message: string, remedy: string): FerruleError {
  return new FerruleError('invalid-input', message, remedy, { field: 'diskLayout' })
}

/** One spelling for each layout. */
export function formatDiskLayout({ name, rootDisk, rootSize }: DiskLayout): string {
  return [
    name,
    ...(rootDisk === null ? [] : [`root_disk=${rootDisk}`]),
    ...(rootSize === null ? [] : [`root_size=${formatSize(rootSize)}`]),
  ].join(',')
}

function formatSize(bytes: number): string {
  const [unit = 'M', of = 1e6] =
    Object.entries(UNITS)
      .reverse()
      .find(([, size]) => bytes % size === 0) ?? []
  return `${bytes / of}${unit}`
}

/** Why disks cannot have this layout; null: they can, or are not known yet. What only MAAS knows it says itself. */
export function diskLayoutFault(layout: DiskLayout, disks: readonly HostDisk[]): string | null {
  const [boot] = disks
  if (boot === undefined) return null
  if (layout.name === 'bcache' && disks.length < 2)
    return 'disk layout bcache needs two disks or more, and it has one'
  const root = layout.rootDisk === null ? boot : disks.find(({ name }) => name === layout.rootDisk)
  if (root === undefined)
    return `has no disk ${layout.rootDisk} for its root; it has ${disks.map(({ name }) => name).join(', ')}`
  const { rootSize } = layout
  if (rootSize === null) return null
  const before = BEFORE_ROOT + (layout.name === 'bcache' ? BCACHE_BOOT : 0)
  // MAAS measures a root on any disk by the one that the machine boots from, too
  const small = [root, boot].find(({ size }) => size - before < rootSize)
  return small === undefined
    ? null
    : `its disk ${small.name} of ${formatSize(small.size)} is too small for a root of ${formatSize(rootSize)}`
}

/** How what MAAS says differs from what is wanted; null: not at all. */
export function unlikeLayout(
  wanted: DiskLayout,
  seen: SeenLayout | null,
  bootDisk: string | undefined,
): string | null {
  if (seen === null) return 'MAAS has no root file system for it in any layout that Ferrule knows'
  if (seen.name !== wanted.name) return `MAAS has it as ${seen.name}`
  const disk = wanted.rootDisk ?? bootDisk
  if (disk !== undefined && seen.disk !== disk) return `MAAS has its root on ${seen.disk}`
  const full = wanted.rootSize === null
  const size = wanted.rootSize ?? seen.diskSize - seen.rootSize
  const fits = full ? size < BEFORE_ROOT + BCACHE_BOOT + ROUNDING : Math.abs(size - seen.rootSize) < ROUNDING
  return fits ? null : `MAAS has a root of ${seen.rootSize} bytes on the ${seen.diskSize} of ${seen.disk}`
}
