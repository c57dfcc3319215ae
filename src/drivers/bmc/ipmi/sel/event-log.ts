import { FerruleError } from '../../../../domain/errors.ts'
import type { BmcLogEntry } from '../../types.ts'
import type { Inquiry } from '../client.ts'
import type { SdrCache } from '../sdr/sdrs.ts'
import type { Sensor } from '../sdr/sensor-record.ts'
import { describeRecord } from './describe.ts'
import { readSel } from './read.ts'

/** The newest `limit` entries, oldest first, with the names of their sensors. */
export async function readEventLog(inquiry: Inquiry, sdrs: SdrCache, limit: number): Promise<BmcLogEntry[]> {
  const records = await readSel(inquiry, limit)
  if (records.length === 0) return []
  const sensors = await sdrs.get(inquiry).then((read) => read.sensors, namelessIfRefused)
  const byPlace = new Map(
    sensors.map((sensor): [string, Sensor] => [place(sensor.owner, sensor.lun, sensor.number), sensor]),
  )
  return records.map((record) => describeRecord(record, (...where) => byPlace.get(place(...where))))
}

/** Entries without names are better than none. */
function namelessIfRefused(error: unknown): Sensor[] {
  if (error instanceof FerruleError && error.code === 'bmc-refused') return []
  throw error
}

function place(owner: number, lun: number, number: number): string {
  return `${owner}/${lun}/${number}`
}
