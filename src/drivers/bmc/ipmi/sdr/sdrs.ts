import type { Inquiry } from '../client.ts'
import { malformed } from '../errors.ts'
import { askIfThere } from '../inquiry.ts'
import { decodeFruLocator, type FruLocator } from './fru-locator.ts'
import { readRecords, type SdrRecord } from './read-records.ts'
import { decodeSensors, type Sensor } from './sensor-record.ts'
import { deviceSdrs, getDeviceSdrInfo, getRepositoryInfo, repository, type SdrSource } from './source.ts'

/** What a BMC's sensor data records say. */
export interface Sdrs {
  sensors: Sensor[]
  frus: FruLocator[]
  /** Records that were not understood, and why. */
  faults: { record: number; why: string }[]
}

/** Shared records multiply; beyond this the BMC is not believed. */
const mostSensors = 4096

/**
 * The records of one BMC, read anew only when the BMC says that they have changed: reading them takes a command or more
 * for each, and they change with the hardware.
 */
export class SdrCache {
  #stamp: string | undefined
  #sdrs: Sdrs | undefined

  async get(inquiry: Inquiry): Promise<Sdrs> {
    const { stamp, sources } = await findSources(inquiry)
    if (this.#sdrs !== undefined && stamp === this.#stamp) return this.#sdrs
    const records: SdrRecord[] = []
    for (const source of sources) records.push(...(await readRecords(inquiry, source)))
    const sdrs = decodeRecords(records)
    if (sdrs.sensors.length > mostSensors)
      throw malformed(inquiry.address, 'Get SDR', `records of more than ${mostSensors} sensors`)
    this.#stamp = stamp
    this.#sdrs = sdrs
    return sdrs
  }
}

/** BMCs whose records are kept: at some 50 KiB each, those that are looked at and not all that there are. */
const mostCaches = 500

/** One cache per BMC; the one that was used the longest time ago makes room. */
export class SdrCaches {
  readonly #caches = new Map<string, SdrCache>()

  of(address: string): SdrCache {
    const cache = this.#caches.get(address) ?? new SdrCache()
    this.#caches.delete(address)
    this.#caches.set(address, cache)
    const [oldest] = this.#caches.keys()
    if (this.#caches.size > mostCaches && oldest !== undefined) this.#caches.delete(oldest)
    return cache
  }
}

interface Sources {
  /** Changes whenever the records do. */
  stamp: string
  sources: SdrSource[]
}

/** The repository, or the controller's own records if there is none or it is empty. */
async function findSources(inquiry: Inquiry): Promise<Sources> {
  const info = await askIfThere(inquiry, getRepositoryInfo)
  const count = info === undefined || info.length < 3 ? 0 : info.readUInt16LE(1)
  // Version, count, times of the latest addition and erase (IPMI 2.0 §33.9).
  if (info !== undefined && count > 0)
    return { stamp: `repository ${info.toString('hex')}`, sources: [repository] }

  const own = await askIfThere(inquiry, getDeviceSdrInfo)
  if (own === undefined || own.length < 2) return { stamp: 'none', sources: [] }
  // Number of sensors, LUNs that have some, population change indicator if it is dynamic (§35.2).
  const flagged = [0, 1, 2, 3].filter((lun) => ((own[1] ?? 0) & (1 << lun)) !== 0)
  const luns = flagged.length === 0 && own[0] !== 0 ? [0] : flagged
  return { stamp: `device ${own.toString('hex')}`, sources: luns.map(deviceSdrs) }
}

/** Exported for tests with records of their own. */
export function decodeRecords(records: readonly SdrRecord[]): Sdrs {
  const sdrs: Sdrs = { sensors: [], frus: [], faults: [] }
  for (const { id, bytes } of records) {
    const sensors = decodeSensors(bytes)
    const fru = decodeFruLocator(bytes)
    if (typeof sensors === 'string') sdrs.faults.push({ record: id, why: sensors })
    else if (sensors !== undefined) sdrs.sensors.push(...sensors)
    if (typeof fru === 'string') sdrs.faults.push({ record: id, why: fru })
    else if (fru !== undefined) sdrs.frus.push(fru)
  }
  return sdrs
}
