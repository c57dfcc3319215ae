import type { Queryable } from './database.ts'

/** Of a subscription to a switch that pushes: it stands, it broke and is made again, or the switch does not want it. */
export type WatchState = 'subscribed' | 'lost' | 'refused'

export interface SwitchWatch {
  executor: string
  state: WatchState
  /** ISO time of when it became so. */
  since: string
  failure: string | null
}

/** By switch; those that are only polled are not among them. */
export async function switchWatches(db: Queryable): Promise<Map<string, SwitchWatch>> {
  const { rows } = await db.query<{
    switch_id: string
    executor: string
    state: WatchState
    since: Date
    failure: string | null
  }>('select switch_id, executor, state, since, failure from switch_watch')
  return new Map(
    rows.map(({ switch_id, since, ...row }) => [switch_id, { ...row, since: since.toISOString() }]),
  )
}

/** The time of a state is that of the first of its tries. */
export async function recordWatch(
  db: Queryable,
  switchId: string,
  { executor, state, failure }: Omit<SwitchWatch, 'since'>,
): Promise<void> {
  await db.query(
    `insert into switch_watch (switch_id, executor, state, failure) select id, $2, $3, $4 from switch where id = $1
     on conflict (switch_id) do update set executor = excluded.executor, state = excluded.state, failure = excluded.failure,
       since = case when switch_watch.state = excluded.state and switch_watch.executor = excluded.executor
         then switch_watch.since else excluded.since end`,
    [switchId, executor, state, failure],
  )
}

/** This replica subscribes to it no more; what another one does there stays. */
export async function forgetWatch(db: Queryable, switchId: string, executor: string): Promise<void> {
  await db.query('delete from switch_watch where switch_id = $1 and executor = $2', [switchId, executor])
}

/** What a replica of this name left behind when it was killed. */
export async function forgetWatchesOf(db: Queryable, executor: string): Promise<void> {
  await db.query('delete from switch_watch where executor = $1', [executor])
}
