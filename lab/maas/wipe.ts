import type { Disk, EphemeralHost } from '../world/types.ts'
import { dialled } from './dials.ts'
import type { Node } from './model.ts'
import type { Region } from './region.ts'

/** The quick wipe overwrites 2 MiB at each end (builtin release script wipe-disks of 3.7). */
const QUICK_BYTES = 2 * 1024 * 1024
/** Sequential writing of a data-centre NVMe SSD, so that a full wipe of a lab machine takes minutes and not an hour. */
const ZERO_BYTES_PER_MS = 2_000_000
const SECURE_ERASE_MS = 60_000
const QUICK_MS = 2_000
/** A disk is zeroed in so many parts, so that a power cut leaves it zeroed in part. */
const PARTS = 20

/**
 * The builtin wipe-disks script: what it does to the disks and what it prints. Disks marked read-only are not even
 * mentioned; a quick wipe that fails is followed by the same last line and exit 0 as one that worked.
 * `alive` is called before each part: false ends the work (the machine has other orders by now).
 */
export async function wipeDisks(
  region: Region,
  node: Node,
  host: EphemeralHost,
  options: { quick: boolean; secure: boolean },
  alive: () => boolean,
): Promise<{ exit: number; stdout: string; stderr: string }> {
  const disks = host.machine.disks.filter((disk) => !disk.readOnly)
  const lines = [`${disks.map((disk) => disk.name).join(', ')} to be wiped.`]
  if (options.quick) lines.push('No bcache detected, skipping')
  for (const disk of disks) {
    const wiped = options.secure && (await secureErase(region, host, disk, lines))
    if (wiped) continue
    if (options.quick)
      await wipeQuickly(host, disk, lines, dialled(region.dials.quickWipeFails, node.hostname))
    else await zero(host, disk, lines, alive)
    if (!alive()) break
  }
  lines.push('All disks have been successfully wiped.', '')
  return { exit: 0, stdout: lines.join('\n'), stderr: '' }
}

async function secureErase(
  region: Region,
  host: EphemeralHost,
  disk: Disk,
  lines: string[],
): Promise<boolean> {
  const { name } = disk
  if (name.startsWith('nvme')) {
    await eraseAll(host, disk)
    lines.push(`Secure erase was successful on NVMe drive ${name}`)
    return true
  }
  if (!region.dials.secureErase.includes(disk.serial)) {
    lines.push(`${name}: drive does not support secure erase.`)
    return false
  }
  lines.push(
    `${name}: performing secure erase process.`,
    `${name}: setting user password to 'maas'.`,
    `${name}: calling secure erase on device.`,
  )
  await eraseAll(host, disk)
  lines.push(`${name}: successfully securely erased.`)
  return true
}

async function eraseAll(host: EphemeralHost, disk: Disk): Promise<void> {
  await host.sleep(SECURE_ERASE_MS)
  disk.zero(0, disk.size)
}

async function wipeQuickly(host: EphemeralHost, disk: Disk, lines: string[], fails: boolean): Promise<void> {
  const { name } = disk
  lines.push(`${name}: starting quick wipe.`)
  await host.sleep(QUICK_MS)
  if (fails) {
    lines.push(
      `${name}: wipefs failed (1)`,
      `${name}: OS error while wiping beginning/end of disk (Input/output error)`,
      `${name}: failed to be quickly wiped.`,
    )
    return
  }
  disk.zero(0, QUICK_BYTES)
  disk.zero(disk.size - QUICK_BYTES, QUICK_BYTES)
  lines.push(`${name}: successfully quickly wiped.`)
}

async function zero(host: EphemeralHost, disk: Disk, lines: string[], alive: () => boolean): Promise<void> {
  lines.push(`${disk.name}: started zeroing.`)
  const part = Math.ceil(disk.size / PARTS)
  for (let offset = 0; offset < disk.size && alive(); offset += part) {
    const length = Math.min(part, disk.size - offset)
    await host.sleep(length / ZERO_BYTES_PER_MS)
    disk.zero(offset, length)
  }
  lines.push(`${disk.name}: successfully zeroed.`)
}
