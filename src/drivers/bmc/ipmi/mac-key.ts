import { hash } from 'node:crypto'
import type { CipherSuite } from './suites.ts'

/** Block length of SHA-1 and SHA-256. */
const blockBytes = 64
/** The longest UDP payload; more can never be signed. */
const longestMessage = 65_535

/** Key block and message, then key block and inner hash. Shared: nothing here is held across an await. */
const inner = Buffer.alloc(blockBytes + longestMessage)
const outer = Buffer.alloc(blockBytes + 32)

/**
 * A key for HMAC (RFC 2104) with the two key blocks made once. Every login and every packet is a handful of HMACs over
 * less than hundred bytes; there, node's Hmac objects cost three times what the hashing does (decision 26).
 */
export class MacKey {
  readonly #suite: CipherSuite
  readonly #innerBlock = Buffer.alloc(blockBytes, 0x36)
  readonly #outerBlock = Buffer.alloc(blockBytes, 0x5c)

  /** Keys are passwords, K_G or hashes: never longer than a block. */
  constructor(suite: CipherSuite, key: Buffer) {
    if (key.length > blockBytes) throw new RangeError(`a key of ${key.length} bytes would have to be hashed`)
    this.#suite = suite
    for (const [index, byte] of key.entries()) {
      this.#innerBlock[index] = 0x36 ^ byte
      this.#outerBlock[index] = 0x5c ^ byte
    }
  }

  /** The whole HMAC of the parts in a row. */
  sign(...parts: readonly Buffer[]): Buffer {
    this.#innerBlock.copy(inner)
    let end = blockBytes
    for (const part of parts) end += part.copy(inner, end)
    this.#outerBlock.copy(outer)
    // As text: a string of a few bytes is much cheaper to make than a buffer of its own memory.
    outer.write(hash(this.#suite.hash, inner.subarray(0, end), 'binary'), blockBytes, 'binary')
    const both = outer.subarray(0, blockBytes + this.#suite.hashBytes)
    return Buffer.from(hash(this.#suite.hash, both, 'binary'), 'binary')
  }
}
