import type { InstanceState } from '../domain/instance.ts'
import type { Queryable } from './database.ts'

/** Only news is written. */
export async function setVmPlace(db: Queryable, externalId: string, place: string): Promise<void> {
  await db.query(
    'update instance set cloudstack_host = $2 where external_id = $1 and destroyed_at is null and cloudstack_host is distinct from $2',
    [externalId, place],
  )
}

/** What the records say of the power of one of CloudStack's VMs. */
export interface VmPower {
  uuid: string
  name: string
  state: InstanceState
  /** Under which of CloudStack's hosts; null: not heard yet. */
  place: string | null
  /** An operation is at work on it. */
  busy: boolean
  /** The newest reading of its host, if no look has failed since. */
  seen: { power: 'on' | 'off' | 'unknown'; at: Date } | null
  /** Its host was found on although the VM is stopped. */
  stray: boolean
}

/** Every VM that CloudStack may ask for, in one statement: there may be thousands, and it asks every minute. */
export async function vmPowers(db: Queryable): Promise<VmPower[]> {
  const { rows } = await db.query<
    Pick<VmPower, 'uuid' | 'name' | 'state' | 'place' | 'busy' | 'stray'> & {
      power: 'on' | 'off' | 'unknown' | null
      at: Date | null
    }
  >(
    `select instance.external_id as uuid, instance.name, instance.state, instance.cloudstack_host as place,
       exists (select from operation where operation.instance_id = instance.id and operation.ended_at is null) as busy,
       coalesce(host.attention ->> 'code' = 'stray-power', false) as stray,
       case when reading.failure is null then reading.state end as power, reading.at
     from instance
       left join tenancy on tenancy.instance_id = instance.id
       left join host on host.id = tenancy.host_id
       left join power_reading as reading on reading.host_id = host.id
     where instance.external_id is not null and instance.destroyed_at is null
     order by instance.name`,
  )
  return rows.map(({ power, at, ...row }) => ({ ...row, seen: power && at ? { power, at } : null }))
}
