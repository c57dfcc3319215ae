import { formatDiskLayout, parseDiskLayout } from '../domain/disk-layout.ts'
import type { Offering } from '../domain/offering.ts'
import type { Queryable } from './database.ts'

export interface Template {
  id: string
  name: string
  /** As the cloud operator wrote it. */
  url: string
  /** The MAAS image that it names, after aliases. */
  image: string
  osFamily: string
  architecture: string
}

export interface Network {
  /** CloudStack's network uuid, or one of ours. */
  id: string
  name: string
  /** isolated networks may be given a new VLAN by CloudStack at any time; shared and L2 keep theirs. */
  kind: 'isolated' | 'shared' | 'l2'
  vlan: number | null
}

export async function insertTemplate(db: Queryable, template: Template): Promise<void> {
  await db.query(
    'insert into template (id, name, url, image, os_family, architecture) values ($1, $2, $3, $4, $5, $6)',
    [template.id, template.name, template.url, template.image, template.osFamily, template.architecture],
  )
}

export async function listTemplates(db: Queryable): Promise<Template[]> {
  const { rows } = await db.query<{
    id: string
    name: string
    url: string
    image: string
    os_family: string
    architecture: string
  }>('select * from template order by name')
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    url: row.url,
    image: row.image,
    osFamily: row.os_family,
    architecture: row.architecture,
  }))
}

export async function deleteTemplate(db: Queryable, id: string): Promise<void> {
  await db.query('delete from template where id = $1', [id])
}

/** Also those that are being reinstalled from it. */
export async function instancesOfTemplate(db: Queryable, id: string): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select name from instance where destroyed_at is null and (template_id = $1 or exists (
       select from operation where instance_id = instance.id and ended_at is null and input ->> 'templateId' = $1::text)) order by name`,
    [id],
  )
  return rows.map((row) => row.name)
}

/** Destroyed instances keep their history but no longer need the record. */
export async function forgetDestroyedUses(
  db: Queryable,
  column: 'template_id' | 'offering_id',
  id: string,
): Promise<void> {
  await db.query(
    `delete from tenancy using instance where tenancy.instance_id = instance.id and instance.destroyed_at is not null and instance.${column} = $1`,
    [id],
  )
  await db.query(`delete from instance where destroyed_at is not null and ${column} = $1`, [id])
}

export async function insertOffering(db: Queryable, offering: Offering): Promise<void> {
  await db.query(
    'insert into offering (id, name, cpu_count, cpu_speed_mhz, memory_mib, host_tags, architecture, match, erase, bond_mode, disk_layout) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)',
    [
      offering.id,
      offering.name,
      offering.cpuCount,
      offering.cpuSpeedMhz,
      offering.memoryMib,
      offering.hostTags,
      offering.architecture,
      offering.match,
      offering.erase,
      offering.bondMode,
      offering.diskLayout && formatDiskLayout(offering.diskLayout),
    ],
  )
}

interface OfferingRow {
  id: string
  name: string
  cpu_count: number
  cpu_speed_mhz: number
  memory_mib: number
  host_tags: string[]
  architecture: string
  match: Offering['match']
  erase: Offering['erase']
  bond_mode: Offering['bondMode']
  disk_layout: string | null
}

export async function listOfferings(db: Queryable): Promise<Offering[]> {
  const { rows } = await db.query<OfferingRow>('select * from offering order by name')
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    cpuCount: row.cpu_count,
    cpuSpeedMhz: row.cpu_speed_mhz,
    memoryMib: row.memory_mib,
    hostTags: row.host_tags,
    architecture: row.architecture,
    planner: 'BareMetalPlanner',
    match: row.match,
    erase: row.erase,
    bondMode: row.bond_mode,
    diskLayout: row.disk_layout === null ? null : parseDiskLayout(row.disk_layout),
  }))
}

export async function deleteOffering(db: Queryable, id: string): Promise<void> {
  await db.query('delete from offering where id = $1', [id])
}

export async function instancesOfOffering(db: Queryable, id: string): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    'select name from instance where offering_id = $1 and destroyed_at is null order by name',
    [id],
  )
  return rows.map((row) => row.name)
}

export async function upsertNetwork(db: Queryable, network: Network): Promise<void> {
  await db.query(
    'insert into network (id, name, kind, vlan) values ($1, $2, $3, $4) on conflict (id) do update set name = excluded.name, kind = excluded.kind, vlan = excluded.vlan',
    [network.id, network.name, network.kind, network.vlan],
  )
}

export async function insertNetwork(db: Queryable, network: Network): Promise<void> {
  await db.query('insert into network (id, name, kind, vlan) values ($1, $2, $3, $4)', [
    network.id,
    network.name,
    network.kind,
    network.vlan,
  ])
}

export async function listNetworks(db: Queryable): Promise<Network[]> {
  const { rows } = await db.query<{ id: string; name: string; kind: Network['kind']; vlan: number | null }>(
    'select id, name, kind, vlan from network order by name',
  )
  return rows.map((row) => ({ id: row.id, name: row.name, kind: row.kind, vlan: row.vlan }))
}

export async function deleteNetwork(db: Queryable, id: string): Promise<void> {
  await db.query('delete from network where id = $1', [id])
}

export async function instancesOfNetwork(db: Queryable, id: string): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select name from instance where destroyed_at is null and nics @> jsonb_build_array(jsonb_build_object('networkId', $1::text)) order by name`,
    [id],
  )
  return rows.map((row) => row.name)
}
