/** The end of every message of base:1.0 (RFC 6242 §4.3). */
const END = Buffer.from(']]>]]>')

/** The configuration of the largest switch is below a megabyte. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024

/** RFC 6242 §4.2: up to ten digits. */
const MAX_HEADER = 13

export function frame(message: string, chunked: boolean): string {
  return chunked ? `\n#${Buffer.byteLength(message)}\n${message}\n##\n` : `${message}${END}`
}

/** Bytes to messages. Both sides begin with base:1.0, and change after their hellos if both know base:1.1. */
export class Deframer {
  readonly #limit: number
  #chunked = false
  #bytes: Buffer = Buffer.alloc(0)
  /** Chunks of the message that is under way. */
  #chunks: Buffer[] = []
  #size = 0

  constructor(limit = MAX_MESSAGE_BYTES) {
    this.#limit = limit
  }

  push(bytes: Buffer): void {
    // What is kept is at most a chunk that is under way; concatenating it again for each packet would cost its square.
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes])
    if (this.#bytes.length + this.#size > this.#limit) throw tooLong()
  }

  useChunks(): void {
    this.#chunked = true
  }

  /**
   * The next whole message; null: not yet. One at a time, because the first may change the framing of the second.
   * @throws Error for a message that is too long or not framed as agreed
   */
  next(): string | null {
    return this.#chunked ? this.#nextChunked() : this.#nextEnded()
  }

  #nextEnded(): string | null {
    const end = this.#bytes.indexOf(END)
    if (end < 0) return null
    const message = this.#bytes.toString('utf8', 0, end)
    this.#bytes = this.#bytes.subarray(end + END.length)
    return message
  }

  #nextChunked(): string | null {
    for (;;) {
      const header = this.#header()
      if (header === null) return null
      const { size, length } = header
      if (size === null) {
        if (this.#chunks.length === 0) throw new Error('it sends a message without a chunk')
        const message = Buffer.concat(this.#chunks).toString('utf8')
        this.#bytes = this.#bytes.subarray(length)
        this.#chunks = []
        this.#size = 0
        return message
      }
      if (size + this.#size > this.#limit) throw tooLong()
      if (this.#bytes.length < length + size) return null
      this.#chunks.push(this.#bytes.subarray(length, length + size))
      this.#size += size
      this.#bytes = this.#bytes.subarray(length + size)
    }
  }

  /** `LF # size LF`, or `LF ## LF` for the end (size null). */
  #header(): { size: number | null; length: number } | null {
    const text = this.#bytes.toString('latin1', 0, MAX_HEADER)
    const match = /^\n#(?:([1-9]\d{0,9})|#)\n/.exec(text)
    if (match) return { size: match[1] === undefined ? null : Number(match[1]), length: match[0].length }
    if (text.length < MAX_HEADER && /^(?:\n(?:#(?:#|[1-9]\d{0,9})?)?)?$/.test(text)) return null
    throw new Error('its messages are not in chunks as RFC 6242 has them')
  }
}

function tooLong(): Error {
  return new Error('its answer is too long')
}
