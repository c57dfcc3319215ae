import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { byteAt } from './bytes.ts'

export type SuiteId = 3 | 17

/** One cipher suite of IPMI 2.0 table 22-20: its three algorithm numbers and what they mean in node:crypto. */
export interface Suite {
  readonly id: SuiteId
  /** RAKP authentication algorithm, table 13-17. */
  readonly authentication: number
  /** Integrity algorithm, table 13-18. */
  readonly integrity: number
  /** Confidentiality algorithm, table 13-19: AES-CBC-128 in both. */
  readonly confidentiality: number
  readonly hash: 'sha1' | 'sha256'
  /** Bytes of the whole hash. */
  readonly hashBytes: number
  /** Bytes of an integrity check value: SHA1-96, SHA256-128. */
  readonly icvBytes: number
}

export const SUITES: Readonly<Record<SuiteId, Suite>> = {
  3: {
    id: 3,
    authentication: 1,
    integrity: 1,
    confidentiality: 1,
    hash: 'sha1',
    hashBytes: 20,
    icvBytes: 12,
  },
  17: {
    id: 17,
    authentication: 3,
    integrity: 4,
    confidentiality: 1,
    hash: 'sha256',
    hashBytes: 32,
    icvBytes: 16,
  },
}

export function hmac(suite: Suite, key: Buffer, ...parts: Buffer[]): Buffer {
  const digest = createHmac(suite.hash, key)
  for (const part of parts) digest.update(part)
  return digest.digest()
}

export function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Keys of an active session (IPMI 2.0 §13.31, §13.32). */
export interface SessionKeys {
  readonly suite: Suite
  /** Session integrity key; RAKP 4 is signed with it. */
  readonly sik: Buffer
  /** Signs packets. */
  readonly k1: Buffer
  /** Its first 16 bytes encrypt payloads. */
  readonly k2: Buffer
}

/** The constants are 20 bytes long with every hash, as ipmitool and FreeIPMI have it for SHA-256 too. */
const CONSTANT_BYTES = 20

export function sessionKeys(suite: Suite, sik: Buffer): SessionKeys {
  return {
    suite,
    sik,
    k1: hmac(suite, sik, Buffer.alloc(CONSTANT_BYTES, 0x01)),
    k2: hmac(suite, sik, Buffer.alloc(CONSTANT_BYTES, 0x02)),
  }
}

/** Integrity check value of a packet or of RAKP 4, truncated as the suite says. */
export function checkValue(suite: Suite, key: Buffer, ...parts: Buffer[]): Buffer {
  return hmac(suite, key, ...parts).subarray(0, suite.icvBytes)
}

const BLOCK = 16

/** `iv` must be 16 fresh random bytes. The pad counts 1, 2, 3 … and its length follows (IPMI 2.0 table 13-20). */
export function encrypt(keys: SessionKeys, iv: Buffer, payload: Buffer): Buffer {
  const pad = (BLOCK - ((payload.length + 1) % BLOCK)) % BLOCK
  const trailer = Buffer.from([...Array.from({ length: pad }, (_, index) => index + 1), pad])
  const cipher = createCipheriv('aes-128-cbc', keys.k2.subarray(0, BLOCK), iv).setAutoPadding(false)
  return Buffer.concat([iv, cipher.update(Buffer.concat([payload, trailer])), cipher.final()])
}

/** Null: not a whole number of blocks, or an impossible pad. */
export function decrypt(keys: SessionKeys, bytes: Buffer): Buffer | null {
  if (bytes.length < 2 * BLOCK || bytes.length % BLOCK !== 0) return null
  const decipher = createDecipheriv('aes-128-cbc', keys.k2.subarray(0, BLOCK), bytes.subarray(0, BLOCK))
  decipher.setAutoPadding(false)
  const plain = Buffer.concat([decipher.update(bytes.subarray(BLOCK)), decipher.final()])
  const pad = byteAt(plain, plain.length - 1)
  if (pad >= BLOCK || pad + 1 > plain.length) return null
  return plain.subarray(0, plain.length - 1 - pad)
}
