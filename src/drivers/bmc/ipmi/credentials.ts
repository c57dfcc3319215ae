import { FerruleError } from '../../../domain/errors.ts'
import type { BmcEndpoint } from '../types.ts'

/** A BMC login in the form that RAKP hashes. */
export interface Credentials {
  username: Buffer
  /** K_UID of the spec: the user's password. */
  password: Buffer
  /** K_G, where the BMC has one; it keys the SIK in place of the password (IPMI 2.0 §13.31). */
  kg: Buffer | undefined
}

/** User names are 16 bytes (IPMI 2.0 §22.28 Set User Name). */
const usernameBytes = 16
/** Passwords are 20 bytes (IPMI 2.0 §22.30 Set User Password), K_G too (§24.3 table 22-25). */
const keyBytes = 20

/**
 * Validates before any packet: a BMC would cut a longer password silently and then answer "wrong password".
 * Throws invalid-input; the message never holds the secret.
 */
export function readCredentials(endpoint: BmcEndpoint): Credentials {
  const username = Buffer.from(endpoint.username, 'utf8')
  if (username.length > usernameBytes) throw tooLong(endpoint, 'username', usernameBytes, username.length)
  const password = Buffer.from(endpoint.password, 'utf8')
  if (password.length > keyBytes) throw tooLong(endpoint, 'password', keyBytes, password.length)
  return { username, password, kg: readKg(endpoint) }
}

export function sameCredentials(a: Credentials, b: Credentials): boolean {
  return (
    a.username.equals(b.username) &&
    a.password.equals(b.password) &&
    (a.kg ?? Buffer.alloc(0)).equals(b.kg ?? Buffer.alloc(0))
  )
}

function readKg(endpoint: BmcEndpoint): Buffer | undefined {
  const hex = endpoint.kg?.replace(/^0x/i, '') ?? ''
  if (hex === '') return undefined
  if (!/^([\da-f]{2})+$/i.test(hex)) {
    throw new FerruleError(
      'invalid-input',
      `The K_g key of BMC ${endpoint.address} is not hexadecimal.`,
      'Give K_g as an even number of hexadecimal digits, up to 40.',
      { field: 'kg', address: endpoint.address },
    )
  }
  const kg = Buffer.from(hex, 'hex')
  if (kg.length > keyBytes) throw tooLong(endpoint, 'kg', keyBytes, kg.length)
  // A K_G of zeroes is how a BMC says that it has none (IPMI 2.0 §13.33).
  return kg.every((byte) => byte === 0) ? undefined : kg
}

function tooLong(endpoint: BmcEndpoint, field: string, limit: number, bytes: number): FerruleError {
  return new FerruleError(
    'invalid-input',
    `The ${field} for BMC ${endpoint.address} has ${bytes} bytes; IPMI 2.0 allows ${limit}.`,
    `Set a ${field} of at most ${limit} bytes on the BMC and give that one.`,
    { field, address: endpoint.address, bytes, limit },
  )
}
