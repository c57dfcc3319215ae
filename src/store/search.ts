import type { Queryable } from './database.ts'

export type FoundKind =
  | 'host'
  | 'instance'
  | 'operation'
  | 'switch'
  | 'port'
  | 'network'
  | 'template'
  | 'offering'

export interface Found {
  kind: FoundKind
  name: string
  /** What it is, for people: the address, the state. */
  detail: string
}

/** Everything that has a name, by a part of it in any case: what is called so first, then what begins so. */
export async function search(db: Queryable, text: string, limit: number): Promise<Found[]> {
  const { rows } = await db.query<Found>(
    `select kind, name, detail from (
       select 'host' as kind, 1 as rank, name, coalesce(bmc_address, '') as detail,
         concat_ws(' ', name, bmc_address, boot_mac, system_id) as words from host
       union all select 'instance', 2, name, concat_ws(' of ', state, tenant), concat_ws(' ', name, external_id, hostname, tenant) from instance where destroyed_at is null
       union all select 'operation', 3, number::text, concat_ws(' ', kind, state), number::text from operation where number::text = $2
       union all select 'network', 4, name, coalesce('VLAN ' || vlan, ''), concat_ws(' ', name, vlan) from network
       union all select 'switch', 5, address, rack, concat_ws(' ', address, rack) from switch
       union all select 'port', 6, switch.address || ' ' || cable.port, cable.mac, concat_ws(' ', switch.address, cable.port, cable.mac)
         from cable join switch on switch.id = cable.switch_id
       union all select 'template', 7, name, image, concat_ws(' ', name, image) from template
       union all select 'offering', 8, name, cpu_count || ' CPUs', name from offering
     ) as thing where strpos(lower(words), $1) > 0
     order by lower(name) <> $1, strpos(lower(name), $1) <> 1, rank, length(name), name limit $3`,
    [text.toLowerCase(), text, limit],
  )
  return rows
}
