import type { Queryable } from './database.ts'

export interface FerruleEvent {
  id: number
  at: string
  kind: string
  operationId: string | null
  /** As people call it; null: of no operation, or it is gone. */
  operation: { number: number; kind: string } | null
  hostId: string | null
  instanceId: string | null
  message: string
  data: unknown
}

interface EventRow {
  id: string
  at: Date
  kind: string
  operation_id: string | null
  operation: { number: number; kind: string } | null
  host_id: string | null
  instance_id: string | null
  message: string
  data: unknown
}

function toEvent(row: EventRow): FerruleEvent {
  return {
    id: Number(row.id),
    at: row.at.toISOString(),
    kind: row.kind,
    operationId: row.operation_id,
    operation: row.operation,
    hostId: row.host_id,
    instanceId: row.instance_id,
    message: row.message,
    data: row.data,
  }
}

const FIELDS = `event.*, (select json_build_object('number', number, 'kind', kind) from operation
  where operation.id = event.operation_id) as operation`

export async function insertEvent(
  db: Queryable,
  event: {
    kind: string
    operationId?: string
    hostId?: string
    instanceId?: string
    message: string
    data?: unknown
  },
): Promise<void> {
  await db.query(
    `with added as (
       insert into event (kind, operation_id, host_id, instance_id, message, data) values ($1, $2, $3, $4, $5, $6) returning id
     )
     select pg_notify('ferrule', json_build_object('event', id)::text) from added`,
    [
      event.kind,
      event.operationId ?? null,
      event.hostId ?? null,
      event.instanceId ?? null,
      event.message,
      JSON.stringify(event.data ?? {}),
    ],
  )
}

/** Many at once, in one statement. */
export async function insertEvents(
  db: Queryable,
  events: readonly { kind: string; hostId: string; instanceId: string | null; message: string }[],
): Promise<void> {
  await db.query(
    `with added as (
       insert into event (kind, host_id, instance_id, message)
       select * from unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[]) returning id
     )
     select pg_notify('ferrule', json_build_object('event', id)::text) from added`,
    [
      events.map((event) => event.kind),
      events.map((event) => event.hostId),
      events.map((event) => event.instanceId),
      events.map((event) => event.message),
    ],
  )
}

export interface EventsOf {
  operationId?: string
  hostId?: string
  instanceId?: string
}

/** Oldest first, after an id (a cursor). */
export async function listEvents(
  db: Queryable,
  where: EventsOf & { after?: number; limit: number },
): Promise<FerruleEvent[]> {
  const { rows } = await db.query<EventRow>(
    `select ${FIELDS} from event where id > $1 and ($2::uuid is null or operation_id = $2) and ($3::uuid is null or host_id = $3) and ($4::uuid is null or instance_id = $4)
     order by id limit $5`,
    [
      where.after ?? 0,
      where.operationId ?? null,
      where.hostId ?? null,
      where.instanceId ?? null,
      where.limit,
    ],
  )
  return rows.map(toEvent)
}

/** Newest first, before an id (a cursor); null: from the newest on. */
export async function listNewestEvents(
  db: Queryable,
  where: EventsOf & { before: number | null; limit: number },
): Promise<FerruleEvent[]> {
  const { rows } = await db.query<EventRow>(
    `select ${FIELDS} from event where ($1::bigint is null or id < $1) and ($2::uuid is null or operation_id = $2) and ($3::uuid is null or host_id = $3)
       and ($4::uuid is null or instance_id = $4)
     order by id desc limit $5`,
    [where.before, where.operationId ?? null, where.hostId ?? null, where.instanceId ?? null, where.limit],
  )
  return rows.map(toEvent)
}

/** Oldest first, of the newest so many: one that is parked for days has noted a try every few minutes. */
export async function newestEventsOfOperation(
  db: Queryable,
  operationId: string,
  limit: number,
): Promise<FerruleEvent[]> {
  const { rows } = await db.query<EventRow>(
    `select ${FIELDS} from event where operation_id = $1 order by id desc limit $2`,
    [operationId, limit],
  )
  return rows.map(toEvent).reverse()
}

/** 0 when there is none. */
export async function newestEventId(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ max: string | null }>('select max(id) from event')
  return Number(rows[0]?.max ?? 0)
}
