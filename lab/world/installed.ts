import { createHash } from 'node:crypto'
import { createChance } from './chance.ts'
import type { Dials } from './dials.ts'
import type { Disk, InstalledSystem } from './types.ts'

const MIB = 1024 * 1024
const SECTOR = 512

/** Where the file map stands; the partition table and the boot code have the first MiB to themselves. */
const FILES_AT = MIB
/** "LABFS1", length as a 32-bit number, SHA-256 of the map, the map as JSON. */
const FILES_MAGIC = Buffer.from('LABFS1\0\0')
const FILES_HEADER = FILES_MAGIC.length + 4 + 32
const FILES_LIMIT = 15 * MIB

/** Pieces of the image that lie about the disk: what a quick wipe leaves and a full one does not. */
const PAYLOAD_PIECES = 64
const PAYLOAD_PIECE = 16 * 1024
const PAYLOAD_PATTERN = 64

/** An installed system as it stands on its root disk. */
export interface Root extends InstalledSystem {
  bootCount: number
}

/** Thrown by `install()` when the machine's dial says so. */
export class InstallFailed extends Error {
  constructor(machine: string) {
    super(`installation on ${machine} broke off: the root disk stopped answering`)
    this.name = 'InstallFailed'
  }
}

export function install(disk: Disk, system: InstalledSystem, machine: { name: string; dials: Dials }): void {
  disk.zero(0, MIB)
  disk.zero(disk.size - MIB, MIB)
  const half = machine.dials.installFails
  writePayload(disk, system.image, half ? PAYLOAD_PIECES / 2 : PAYLOAD_PIECES)
  if (half) throw new InstallFailed(machine.name)
  writeRoot(disk, { ...system, bootCount: 0 })
  writePartitionTable(disk, system.image)
}

/** What an installation leaves on a disk that it does not boot from: a partition table and pieces of the image. */
export function spread(disk: Disk, image: string): void {
  writePayload(disk, image, PAYLOAD_PIECES)
  writePartitionTable(disk, image)
}

/** The system that would boot from this disk; null if boot signature, partition table or file map are damaged. */
export function readRoot(disk: Disk): Root | null {
  if (disk.read(SECTOR - 2, 2).readUInt16BE(0) !== 0x55aa) return null
  if (disk.read(SECTOR, 8).toString('latin1') !== 'EFI PART') return null
  const header = disk.read(FILES_AT, FILES_HEADER)
  if (!header.subarray(0, FILES_MAGIC.length).equals(FILES_MAGIC)) return null
  const length = header.readUInt32LE(FILES_MAGIC.length)
  if (length > FILES_LIMIT) return null
  const map = disk.read(FILES_AT + FILES_HEADER, length)
  if (!sha256(map).equals(header.subarray(FILES_HEADER - 32))) return null
  return JSON.parse(map.toString('utf8'))
}

/** Stores the files of the system on its disk, as its file system does at each write. */
export function writeRoot(disk: Disk, root: Root): void {
  const map = Buffer.from(JSON.stringify(root))
  if (map.length > FILES_LIMIT)
    throw new RangeError(`the files of ${root.hostname} exceed ${FILES_LIMIT} bytes`)
  const header = Buffer.alloc(FILES_HEADER)
  FILES_MAGIC.copy(header)
  header.writeUInt32LE(map.length, FILES_MAGIC.length)
  sha256(map).copy(header, FILES_HEADER - 32)
  disk.write(FILES_AT, Buffer.concat([header, map]))
}

/**
 * What a tenant leaves behind, in the middle of every disk: proof of an erase is that it is nowhere any more.
 * The places do not meet the partition table, so a quick wipe misses all of them.
 */
export function writeTenantData(disk: Disk, marker: string): void {
  for (const share of [0.13, 0.29, 0.5, 0.71, 0.93]) {
    const sector = Math.floor((disk.size * share) / SECTOR)
    disk.write(sector * SECTOR, Buffer.from(`${marker}\n`))
  }
}

/** Protective MBR with boot code, GPT header (UEFI 2.10, 5.3) at LBA 1 and its backup in the last sector. */
function writePartitionTable(disk: Disk, image: string): void {
  const mbr = Buffer.alloc(SECTOR)
  mbr.write(`boot ${image}`)
  mbr.writeUInt16BE(0x55aa, SECTOR - 2)
  const header = Buffer.alloc(SECTOR)
  header.write('EFI PART')
  sha256(Buffer.from(image)).copy(header, 56, 0, 16)
  disk.write(0, Buffer.concat([mbr, header]))
  disk.write(disk.size - SECTOR, header)
}

function writePayload(disk: Disk, image: string, pieces: number): void {
  const first = FILES_AT + FILES_LIMIT + MIB
  const stride = Math.floor((disk.size - first - 2 * MIB) / PAYLOAD_PIECES / SECTOR) * SECTOR
  const chance = createChance(0, image)
  for (let piece = 0; piece < pieces; piece += 1) {
    // A repeated pattern, so that the snapshot of an installed disk stays small.
    const bytes = Buffer.alloc(PAYLOAD_PIECE, chance.id(PAYLOAD_PATTERN))
    disk.write(first + piece * stride, bytes)
  }
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}
