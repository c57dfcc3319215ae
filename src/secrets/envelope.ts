import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { FerruleError } from '../domain/errors.ts'
import type { MasterKey } from './master-key.ts'

/** What a sealed secret is for. An envelope opens only for the place that it was sealed for. */
export interface SealedFor {
  /** For example `bmc-password`. */
  purpose: string
  /** The record's own id. */
  id: string
}

/** NIST SP 800-38D: 96-bit nonces, 128-bit tags. */
const nonceBytes = 12
const tagBytes = 16
const keyBytes = 32
const version = 'f1'

/**
 * Seals `secret` with AES-256-GCM under a random key of its own, which the master key wraps. A new master key so needs
 * only the wrapped keys replaced, and no nonce can repeat under one data key.
 *
 * @returns text for one column: `f1.<master key id>.<wrapped key>.<sealed secret>`, the last two in base64url.
 */
export function seal(secret: string, place: SealedFor, key: MasterKey): string {
  const dataKey = randomBytes(keyBytes)
  const wrapped = encrypt(dataKey, key.bytes, context('key', place))
  const sealed = encrypt(Buffer.from(secret, 'utf8'), dataKey, context('secret', place))
  return [version, key.id, wrapped.toString('base64url'), sealed.toString('base64url')].join('.')
}

/**
 * @param keys the current master key, and former ones while records sealed by them remain.
 * @throws FerruleError internal when no key fits, or when the envelope was changed or belongs to another record.
 */
export function open(envelope: string, place: SealedFor, keys: MasterKey | readonly MasterKey[]): string {
  const [seenVersion, keyId, wrapped, sealed] = envelope.split('.')
  if (seenVersion !== version || wrapped === undefined || sealed === undefined)
    throw unreadable(place, 'is damaged')
  const key = [keys].flat().find(({ id }) => id === keyId)
  if (key === undefined) throw unreadable(place, 'was sealed with another master key')
  try {
    const dataKey = decrypt(Buffer.from(wrapped, 'base64url'), key.bytes, context('key', place))
    return decrypt(Buffer.from(sealed, 'base64url'), dataKey, context('secret', place)).toString('utf8')
  } catch {
    // Node's own error says no more than that the tag differs.
    throw unreadable(place, 'was changed, or copied from another record')
  }
}

/** The id of the master key that sealed it: records whose key is not the current one are due to be sealed anew. */
export function sealedBy(envelope: string): string {
  return envelope.split('.')[1] ?? ''
}

function encrypt(plain: Buffer, key: Buffer, aad: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(aad)
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt(box: Buffer, key: Buffer, aad: Buffer): Buffer {
  const nonce = box.subarray(0, nonceBytes)
  const tag = box.subarray(box.length - tagBytes)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  decipher.setAAD(aad).setAuthTag(tag)
  return Buffer.concat([decipher.update(box.subarray(nonceBytes, box.length - tagBytes)), decipher.final()])
}

/** JSON, so that no purpose and id can run together into those of another place. */
function context(layer: 'key' | 'secret', { purpose, id }: SealedFor): Buffer {
  return Buffer.from(JSON.stringify([version, layer, purpose, id]), 'utf8')
}

function unreadable(place: SealedFor, problem: string): FerruleError {
  return new FerruleError(
    'internal',
    `The stored ${place.purpose} of ${place.id} ${problem}.`,
    'Start with the master key that sealed it, or enter the secret anew.',
    { ...place },
  )
}
