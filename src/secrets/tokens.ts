import { createHash, randomBytes } from 'node:crypto'

/** Lets secret scanners, and people, tell what a found string opens. */
const prefix = 'frl_'

/** 256 bits: cannot be guessed, so a fast hash without salt is enough to store it (unlike for a password). */
const tokenBytes = 32

/** @returns the token, to be shown once, and the hash, to be stored. */
export function newToken(random: (size: number) => Buffer = randomBytes): { token: string; hash: string } {
  const token = prefix + random(tokenBytes).toString('base64url')
  return { token, hash: hashToken(token) }
}

/** SHA-256 in hex: what the store is searched for. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex')
}
