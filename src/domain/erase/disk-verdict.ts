import type { ErasePolicy } from '../offering.ts'
import type { DiskReading } from './readings.ts'
import { serialToken } from './verify-script.ts'

export interface InventoryDisk {
  name: string
  serial: string
  /** Bytes. */
  size: number
}

export interface DiskVerdict {
  serial: string
  name: string
  size: number
  method: ErasePolicy
  proven: boolean
  /** Why, in both cases. */
  reason: string
  /** Blocks of 64 KiB that were read back, and how many were not zero. */
  sampled: number
  nonZero: number
}

/** One disk of the inventory against what the script read; `faults` speak against the run as a whole. */
export function judgeDisk(
  disk: InventoryDisk,
  input: { inventory: readonly InventoryDisk[]; method: ErasePolicy },
  readings: readonly DiskReading[],
  faults: readonly string[],
): DiskVerdict {
  const { method, inventory } = input
  const verdict = (proven: boolean, reason: string, reading?: DiskReading): DiskVerdict => ({
    serial: disk.serial,
    name: disk.name,
    size: disk.size,
    method,
    proven,
    reason,
    sampled: reading?.sampled ?? 0,
    nonZero: reading?.nonzero ?? 0,
  })
  const serial = serialToken(disk.serial)
  const twins = inventory.filter((other) => serialToken(other.serial) === serial).length > 1
  const bySerial = serial !== '' && !twins
  const found = readings.filter((reading) => matches(disk, reading) && (bySerial || isAt(disk, reading)))
  const [reading] = found
  const known = bySerial
    ? `serial ${disk.serial}`
    : `name and size (${serial === '' ? 'it has no serial' : `serial ${disk.serial} is not unique`})`
  if (!reading) return verdict(false, faults[0] ?? `not seen by the verify script, looked for by ${known}`)
  if (found.length > 1)
    return verdict(false, `seen ${found.length} times by the verify script, looked for by ${known}`)
  if (reading.size !== disk.size)
    return verdict(false, `has ${reading.size} bytes, but ${disk.size} in the inventory`, reading)
  const fault = faultOf(reading, method)
  if (fault) return verdict(false, fault, reading)
  if (faults.length > 0) return verdict(false, faults.join('; '), reading)
  return verdict(true, `${promise[method]}: read back, known by ${known}`, reading)
}

/** The serial as the script prints it. */
export function matches(disk: InventoryDisk, reading: DiskReading): boolean {
  return serialToken(disk.serial) === reading.serial
}

function isAt(disk: InventoryDisk, reading: DiskReading): boolean {
  return reading.disk === disk.name && reading.size === disk.size
}

function faultOf(reading: DiskReading, method: ErasePolicy): string | null {
  if (reading.readonly) return 'read-only: MAAS skips such a disk without a word'
  if (reading.unreadable > 0) return `${reading.unreadable} of ${reading.sampled} places cannot be read`
  if (reading.first_mib_zero !== true)
    return `the first MiB ${reading.first_mib_zero === null ? 'cannot be read' : 'is not zero'}`
  if (reading.last_mib_zero !== true)
    return `the last MiB ${reading.last_mib_zero === null ? 'cannot be read' : 'is not zero'}`
  if (method === 'quick') return null
  if (reading.sampled === 0) return 'no place of it was read back'
  if (reading.nonzero === 0) return null
  const noise =
    method === 'secure'
      ? '; after a secure erase this may be noise of a new key, which cannot be told from old data'
      : ''
  return `${reading.nonzero} of ${reading.sampled} places are not zero${noise}`
}

export function isDirty(reading: DiskReading, method: ErasePolicy): boolean {
  return faultOf(reading, method) !== null
}

/** What a proven erase of each method means, for certificates. */
export const promise: Readonly<Record<ErasePolicy, string>> = {
  full: 'the whole disk was overwritten with zeroes',
  secure: 'the drive erased itself, or the whole disk was overwritten with zeroes',
  quick:
    'only the first and the last MiB and the signatures were overwritten; the data between them is still there',
}
