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
