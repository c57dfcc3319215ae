import { FerruleError } from '../domain/errors.ts'
import { violatedConstraint } from '../store/database.ts'
import type { TokenRecord } from '../store/tokens.ts'
import { deleteToken, insertToken, listTokens, tokenByHash } from '../store/tokens.ts'
import type { Services } from './context.ts'

type NewToken = () => { token: string; hash: string }

/** The first administrator's token, once per installation; null when there are tokens already. */
export async function ensureFirstToken(services: Services, newToken: NewToken): Promise<string | null> {
  if ((await listTokens(services.tools.db)).length > 0) return null
  const { token, hash } = newToken()
  await insertToken(services.tools.db, { hash, name: 'admin', role: 'admin' })
  return token
}

/** The token itself is in this answer only; the database keeps its SHA-256. */
export async function createToken(
  services: Services,
  newToken: NewToken,
  record: TokenRecord,
): Promise<TokenRecord & { token: string }> {
  const { token, hash } = newToken()
  await insertToken(services.tools.db, { ...record, hash }).catch((error: unknown) => {
    if (violatedConstraint(error) === null) throw error
    throw new FerruleError('conflict', `there is a token ${record.name} already`, 'Choose another name.', {
      field: 'name',
    })
  })
  return { ...record, token }
}

/** Who holds a token, by its SHA-256; null: nobody. */
export const tokenOwner = (services: Services, hash: string): Promise<TokenRecord | null> =>
  tokenByHash(services.tools.db, hash)

export const tokens = (services: Services) => listTokens(services.tools.db)

export async function removeToken(services: Services, name: string): Promise<void> {
  const all = await listTokens(services.tools.db)
  const one = all.find((token) => token.name === name)
  if (!one)
    throw new FerruleError('not-found', `there is no token ${name}`, 'List them with "ferrule token list".', {
      token: name,
    })
  if (one.role === 'admin' && all.filter((token) => token.role === 'admin').length === 1) {
    throw new FerruleError(
      'in-use',
      `${name} is the last administrator's token`,
      'Create another administrator token first.',
      { token: name },
    )
  }
  await deleteToken(services.tools.db, name)
}
