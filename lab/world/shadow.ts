import { createHash } from 'node:crypto'

/** Where an installed system keeps the hashes of its users' passwords. */
export const SHADOW = '/etc/shadow'

/** Replaces one user's line. A password in the lab is hashed once: it guards nothing, and is not to be read by chance. */
export function withPassword(shadow: string, user: string, password: string): string {
  const others = shadow.split('\n').filter((line) => line !== '' && !line.startsWith(`${user}:`))
  return `${[...others, `${user}:${hashOf(user, password)}:20000:0:99999:7:::`].join('\n')}\n`
}

/** Would this user be let in with this password? */
export function isPassword(shadow: string, user: string, password: string): boolean {
  return shadow.split('\n').some((line) => line.startsWith(`${user}:${hashOf(user, password)}:`))
}

/** In the form of crypt(5), with the user as the salt. */
function hashOf(user: string, password: string): string {
  return `$lab$${user}$${createHash('sha256').update(`${user}:${password}`).digest('base64url')}`
}
