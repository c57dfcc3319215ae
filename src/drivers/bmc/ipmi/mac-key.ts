import { hash } from 'node:crypto'
import type { CipherSuite } from './suites.ts'

/** Block length of SHA-1 and SHA-256. */
const blockBytes = 64
/** The longest UDP payload; more can never be signed. */
const longestMessage = 65_535

/** Key block and message, then key block and inner hash. Shared: nothing here is held across an await. */
const inner = Buffer.alloc(blockBytes + longestMessage)
const outer = Buffer.alloc(blockBytes + 32)

/** The beginnings of `inner` that have been signed, by their length: nearly all messages have one of a few lengths. */
const beginnings: Buffer[] = []
const longestKept = 512

/**
 * A key for HMAC (RFC 2104). Every login and every packet is a handful of HMACs over less than hundred bytes; there,
 * node's Hmac objects cost three times what the hashing does (decision 26), and copies and views of Buffers as much again.
 */
export class MacKey {
  readonly #suite: CipherSuite
  readonly #key: Buffer

  /** Keys are passwords, K_G or hashes: never longer than a block. */
  constructor(suite: CipherSuite, key: Buffer) {
    if (key.length > blockBytes) throw new RangeError(`a key of ${key.length} bytes would have to be hashed`)
    this.#suite = suite
    this.#key = key
  }

  /** The whole HMAC of the parts in a row. */
  sign(...parts: readonly Buffer[]): Buffer {
    return this.#mac(parts, this.#suite.hashBytes)
  }

  /** As much of it as a packet carries. */
  icv(...parts: readonly Buffer[]): Buffer {
    return this.#mac(parts, this.#suite.icvBytes)
  }

  #mac(parts: readonly Buffer[], bytes: number): Buffer {
    const { hash: algorithm, hashBytes } = this.#suite
    const key = this.#key
    for (let index = 0; index < blockBytes; index += 1) {
      const byte = index < key.length ? (key[index] ?? 0) : 0
      inner[index] = byte ^ 0x36
      outer[index] = byte ^ 0x5c
    }
    let end = blockBytes
    for (const part of parts) {
      inner.set(part, end)
      end += part.length
    }
    // As text: a string of a few bytes is much cheaper to make than a buffer of its own memory.
    writeText(outer, blockBytes, hash(algorithm, beginning(end), 'binary'))
    const mac = Buffer.alloc(bytes)
    writeText(mac, 0, hash(algorithm, outerOf[hashBytes] ?? outer, 'binary'))
    return mac
  }
}

/** Key block and a hash of so many bytes. */
const outerOf: Record<number, Buffer> = Object.fromEntries(
  [20, 32].map((hashBytes) => [hashBytes, outer.subarray(0, blockBytes + hashBytes)]),
)

function beginning(end: number): Buffer {
  if (end > longestKept) return inner.subarray(0, end)
  beginnings[end] ??= inner.subarray(0, end)
  return beginnings[end]
}

/** By hand: node's own writing is a call out of JavaScript, and would give so small a buffer memory of its own. */
function writeText(target: Buffer, start: number, text: string): void {
  const bytes = Math.min(text.length, target.length - start)
  for (let index = 0; index < bytes; index += 1) target[start + index] = text.charCodeAt(index)
}
