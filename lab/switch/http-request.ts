import type { IncomingMessage } from 'node:http'

/** Whom a Basic authorization names with the right password. */
export function basicUser<User extends { username: string; password: string }>(
  header: string | undefined,
  users: readonly User[],
): User | undefined {
  const encoded = /^Basic (.+)$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return undefined
  const given = Buffer.from(encoded, 'base64').toString()
  return users.find(({ username, password }) => given === `${username}:${password}`)
}

/** A configuration switch's body is small; more than this is not one. */
const LONGEST_BODY = 1 << 20

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > LONGEST_BODY) throw new Error('body too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
