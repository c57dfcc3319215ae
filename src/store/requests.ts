import type { Queryable } from './database.ts'

/** A request under the key that its caller gave it. */
export interface RequestRecord {
  token: string
  key: string
  hash: string
}

/** False: the key is taken. Waits for a transaction that is about to take it. */
export async function insertRequest(
  db: Queryable,
  { token, key, hash }: RequestRecord,
  operationId: string,
): Promise<boolean> {
  const { rowCount } = await db.query(
    'insert into idempotency (token_name, key, request_hash, operation_id) values ($1, $2, $3, $4) on conflict do nothing',
    [token, key, hash, operationId],
  )
  return rowCount === 1
}

/** What was answered; the first answer stays. */
export async function rememberResponse(
  db: Queryable,
  { token, key, hash }: RequestRecord,
  response: unknown,
): Promise<void> {
  await db.query(
    `insert into idempotency (token_name, key, request_hash, response) values ($1, $2, $3, $4)
     on conflict (token_name, key) do update set response = excluded.response
       where idempotency.request_hash = excluded.request_hash and idempotency.response is null`,
    [token, key, hash, JSON.stringify(response)],
  )
}

export async function requestByKey(
  db: Queryable,
  token: string,
  key: string,
): Promise<{ hash: string; operationId: string | null; response: unknown } | null> {
  const { rows } = await db.query<{ request_hash: string; operation_id: string | null; response: unknown }>(
    'select request_hash, operation_id, response from idempotency where token_name = $1 and key = $2',
    [token, key],
  )
  const [row] = rows
  return row ? { hash: row.request_hash, operationId: row.operation_id, response: row.response } : null
}
