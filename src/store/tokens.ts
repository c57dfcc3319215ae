import type { Queryable } from './database.ts'

export interface TokenRecord {
  name: string
  role: 'admin' | 'reader' | 'cloudstack'
}

/** Only the SHA-256 of a token is ever stored. */
export async function insertToken(db: Queryable, token: TokenRecord & { hash: string }): Promise<void> {
  await db.query('insert into token (hash, name, role) values ($1, $2, $3)', [
    token.hash,
    token.name,
    token.role,
  ])
}

export async function tokenByHash(db: Queryable, hash: string): Promise<TokenRecord | null> {
  const { rows } = await db.query<TokenRecord>('select name, role from token where hash = $1', [hash])
  return rows[0] ?? null
}

export async function listTokens(db: Queryable): Promise<(TokenRecord & { createdAt: string })[]> {
  const { rows } = await db.query<TokenRecord & { created_at: Date }>(
    'select name, role, created_at from token order by name',
  )
  return rows.map((row) => ({ name: row.name, role: row.role, createdAt: row.created_at.toISOString() }))
}

export async function deleteToken(db: Queryable, name: string): Promise<boolean> {
  const { rowCount } = await db.query('delete from token where name = $1', [name])
  return rowCount === 1
}

/** Remembers a request under its key; returns what was remembered first. */
export async function rememberRequest(
  db: Queryable,
  request: { token: string; key: string; hash: string; operationId: string | null; response: unknown },
): Promise<void> {
  await db.query(
    'insert into idempotency (token_name, key, request_hash, operation_id, response) values ($1, $2, $3, $4, $5) on conflict do nothing',
    [request.token, request.key, request.hash, request.operationId, JSON.stringify(request.response)],
  )
}

export async function rememberedRequest(
  db: Queryable,
  token: string,
  key: string,
): Promise<{ hash: string; operationId: string | null; response: unknown } | null> {
  const { rows } = await db.query<{ request_hash: string; operation_id: string | null; response: unknown }>(
    'select request_hash, operation_id, response from idempotency where token_name = $1 and key = $2',
    [token, key],
  )
  return rows[0]
    ? { hash: rows[0].request_hash, operationId: rows[0].operation_id, response: rows[0].response }
    : null
}
