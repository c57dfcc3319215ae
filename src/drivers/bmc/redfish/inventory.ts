import { z } from 'zod'
import type { BmcInventory } from '../types.ts'
import type { RedfishClient } from './client.ts'
import { optional, optionalMembers } from './optional.ts'
import type { RedfishSystem } from './system.ts'
import { amount, link, links, mostMembers, text, type WireSystem } from './wire.ts'

type Disk = BmcInventory['disks'][number]

const what = 'show its inventory'

const managerSchema = z.object({ FirmwareVersion: text })
const storageSchema = z.object({ Drives: links })
const chassisSchema = z.object({ Drives: link, SerialNumber: text, Manufacturer: text, Model: text })
const driveSchema = z.object({
  Id: text,
  Name: text,
  SerialNumber: text,
  Model: text,
  CapacityBytes: amount,
})
const simpleStorageSchema = z.object({
  Devices: z
    .array(z.object({ Name: text, Model: text, CapacityBytes: amount }))
    .prefault([])
    .catch([]),
})

/** What the BMC knows of its machine. What it refuses to tell is not there; only the system itself must be. */
export async function readInventory(system: RedfishSystem): Promise<BmcInventory> {
  const { client } = system
  const { system: now } = await system.read(what)
  const manager = await optional(client, now.Links.ManagedBy[0], managerSchema, what)
  const chassis = await optional(client, now.Links.Chassis[0], chassisSchema, what)
  return {
    manufacturer: now.Manufacturer ?? chassis?.Manufacturer ?? null,
    model: now.Model ?? chassis?.Model ?? null,
    serial: now.SerialNumber ?? chassis?.SerialNumber ?? null,
    uuid: now.UUID?.toLowerCase() ?? null,
    firmware: manager?.FirmwareVersion ?? null,
    disks: await readDisks(client, now, chassis?.Drives),
  }
}

/** Storage, then SimpleStorage, then the chassis: the first that knows a disk. */
async function readDisks(
  client: RedfishClient,
  system: WireSystem,
  chassisDrives: string | undefined,
): Promise<Disk[]> {
  const controllers = await optionalMembers(client, system.Storage, what)
  // A drive behind two controllers is one drive.
  const drives = new Set(controllers.flatMap((one) => storageSchema.safeParse(one).data?.Drives ?? []))
  const found: Disk[] = []
  for (const path of [...drives].slice(0, mostMembers)) {
    const drive = await optional(client, path, driveSchema, what)
    if (drive) found.push(toDisk(drive))
  }
  if (found.length > 0) return found
  const simple = (await optionalMembers(client, system.SimpleStorage, what)).flatMap(
    (one) => simpleStorageSchema.safeParse(one).data?.Devices ?? [],
  )
  if (simple.length > 0) {
    return simple.slice(0, mostMembers).map((one) => toDisk({ ...one, Id: null, SerialNumber: null }))
  }
  return (await optionalMembers(client, chassisDrives, what)).flatMap((one) => {
    const drive = driveSchema.safeParse(one).data
    return drive ? [toDisk(drive)] : []
  })
}

function toDisk(drive: z.output<typeof driveSchema>): Disk {
  return {
    name: drive.Name ?? drive.Id ?? 'disk',
    serial: drive.SerialNumber,
    model: drive.Model,
    sizeBytes: drive.CapacityBytes ?? null,
  }
}
