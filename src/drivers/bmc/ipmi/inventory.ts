import type { BmcInventory } from '../types.ts'
import type { Inquiry } from './client.ts'
import { decodeDeviceId, getDeviceId } from './device-id.ts'
import { malformed } from './errors.ts'
import { type Fru, readFru } from './fru/read.ts'
import { decodeGuid, getDeviceGuid, getSystemGuid } from './guid.ts'
import { ask, askIfThere } from './inquiry.ts'
import type { SdrCache } from './sdr/sdrs.ts'

/** "Built-in FRU" (IPMI 2.0 §38): the machine itself, nearly everywhere. */
const builtIn = 0
/** Entities whose FRU device describes the machine (§43.14 table 43-13): system board, system chassis, system. */
const machineEntities: ReadonlySet<number> = new Set([0x07, 0x17, 0x1f])

/** What the BMC knows of itself and of the machine. IPMI does not see into the machine, so there are no disks. */
export async function readInventory(inquiry: Inquiry, sdrs: SdrCache): Promise<BmcInventory> {
  const id = decodeDeviceId(await ask(inquiry, getDeviceId))
  if (id === undefined) throw malformed(inquiry.address, getDeviceId.name, 'an answer that is cut short')
  const system = await askIfThere(inquiry, getSystemGuid)
  const device = await askIfThere(inquiry, getDeviceGuid)
  const fru = await machineFru(inquiry, sdrs)
  const { board, product } = fru ?? {}
  return {
    manufacturer: product?.manufacturer || board?.manufacturer || null,
    model: product?.name || board?.name || product?.partNumber || null,
    serial: product?.serial || board?.serial || null,
    uuid: (system && decodeGuid(system)) ?? null,
    firmware: id.firmware,
    bmcUuid: (device && decodeGuid(device)) ?? null,
    disks: [],
    notes: fru?.notes ?? ['the BMC has no FRU data of the machine'],
  }
}

/** FRU 0, or, where that one is missing or empty, the first one that a record says to be the machine's. */
async function machineFru(inquiry: Inquiry, sdrs: SdrCache): Promise<Fru | undefined> {
  const first = await readFru(inquiry, builtIn)
  if (first?.board || first?.product) return first
  const { frus } = await sdrs.get(inquiry)
  const others = frus.filter(({ device, entity }) => device !== builtIn && machineEntities.has(entity))
  const notes = first?.notes ?? []
  for (const { device } of others.slice(0, mostTried)) {
    const other = await readFru(inquiry, device)
    notes.push(...(other?.notes ?? []))
    if (other?.board || other?.product) return { ...other, notes }
  }
  return first
}

const mostTried = 4
