/** A configuration of the largest switch is some hundred kilobytes; no message of ours or of the switch is near it. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024

const quote = 0x22
const backslash = 0x5c
const opening = new Set([0x7b, 0x5b])
const closing = new Set([0x7d, 0x5d])
const blank = new Set([0x20, 0x09, 0x0a, 0x0d])

/**
 * Cuts a stream into JSON objects: OVSDB (RFC 7047 §4) sends them one after another with nothing in between. It works on
 * bytes, so that a chunk may end within a character.
 */
export class JsonSplitter {
  readonly #limit: number
  #parts: Buffer[] = []
  #bytes = 0
  #depth = 0
  #inString = false
  #escaped = false

  constructor(limit: number = MAX_MESSAGE_BYTES) {
    this.#limit = limit
  }

  /** The texts that this chunk completes. @throws Error for what is no JSON object, or a message over the limit */
  push(chunk: Buffer): string[] {
    const messages: string[] = []
    let start = 0
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index] ?? 0
      if (this.#depth === 0) {
        if (blank.has(byte)) start = index + 1
        else if (byte === 0x7b) this.#depth = 1
        else throw new Error('it sends something else than JSON')
      } else if (this.#step(byte)) {
        this.#keep(chunk.subarray(start, index + 1))
        messages.push(Buffer.concat(this.#parts).toString('utf8'))
        this.#parts = []
        this.#bytes = 0
        start = index + 1
      }
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start))
    return messages
  }

  /** True when this byte ends the message. */
  #step(byte: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false
      else if (byte === backslash) this.#escaped = true
      else if (byte === quote) this.#inString = false
      return false
    }
    if (byte === quote) this.#inString = true
    else if (opening.has(byte)) this.#depth += 1
    else if (closing.has(byte)) this.#depth -= 1
    return this.#depth === 0
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length
    if (this.#bytes > this.#limit) throw new Error('its answer is too long')
    this.#parts.push(part)
  }
}
