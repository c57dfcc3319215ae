import { type Cipher, createCipheriv, createDecipheriv, type Decipher } from 'node:crypto'

const blockBytes = 16
/** Of no meaning: each payload brings its own. */
const firstVector = Buffer.alloc(blockBytes)

/**
 * AES-CBC-128 for the payloads of one session (IPMI 2.0 §13.29 table 13-20): an initialisation vector, then the
 * encrypted payload with a pad of 01h 02h 03h … and its length. The two cipher objects live as long as the session, for
 * making them costs more than their work on a packet.
 */
export class PayloadCipher {
  readonly #encrypt: Cipher
  readonly #decrypt: Decipher

  constructor(key: Buffer) {
    this.#encrypt = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
    this.#decrypt = createDecipheriv('aes-128-cbc', key, firstVector).setAutoPadding(false)
  }

  /** Bytes that `seal` writes for a payload. */
  static sealedBytes(payloadBytes: number): number {
    return blockBytes + Math.ceil((payloadBytes + 1) / blockBytes) * blockBytes
  }

  /** Writes vector and encrypted payload to `target` at `start`; `iv` is 16 fresh random bytes. */
  seal(payload: Buffer, iv: Buffer, target: Buffer, start: number): void {
    const end = start + PayloadCipher.sealedBytes(payload.length)
    iv.copy(target, start)
    let at = start + blockBytes
    at += payload.copy(target, at)
    for (let pad = 1; at < end - 1; pad += 1) target[at++] = pad
    target[at] = end - 1 - (start + blockBytes + payload.length)
    // CBC by hand, since a CBC cipher object could not take up a fresh vector: each block is mixed with the one before.
    for (let block = start + blockBytes; block < end; block += blockBytes) {
      for (let index = block; index < block + blockBytes; index += 1)
        target[index] = (target[index] ?? 0) ^ (target[index - blockBytes] ?? 0)
      this.#encrypt.update(target.subarray(block, block + blockBytes)).copy(target, block)
    }
  }

  /** The payload, or undefined if it is malformed. */
  open(sealed: Buffer): Buffer | undefined {
    if (sealed.length < 2 * blockBytes || sealed.length % blockBytes !== 0) return undefined
    // The vector goes in as if it were a block of the text: what comes out for it is meaningless, and the next block is
    // mixed with it as it must be.
    const plain = this.#decrypt.update(sealed).subarray(blockBytes)
    // Only the length is trusted; some BMCs write other pad bytes, and the HMAC has already vouched for the whole.
    const pad = plain[plain.length - 1] ?? 0
    if (pad >= blockBytes || pad + 1 > plain.length) return undefined
    return plain.subarray(0, plain.length - 1 - pad)
  }
}
