/** RFC 6242 §4.3: what ends a message of base:1.0, and every greeting. */
const END_OF_MESSAGE = ']]>]]>'
/** More than any configuration of this switch. */
const LONGEST = 4 * 1024 * 1024

/** The messages are not framed as the two sides have agreed: the session is over. */
export class BadFraming extends Error {}

/** What a session hears, cut into messages. It begins as base:1.0 has it. */
export class Listening {
  #heard = ''
  #chunked = false

  /** From the message after the greeting on: RFC 6242 §4.2. */
  agreeOnChunks(): void {
    this.#chunked = true
  }

  /** @param bytes one character each: sizes of chunks count bytes */
  hear(bytes: string): void {
    this.#heard += bytes
    if (this.#heard.length > LONGEST) throw new BadFraming('too long')
  }

  /** One message, or null if it is not all there yet. @throws BadFraming */
  take(): string | null {
    const found = this.#chunked ? chunkedMessage(this.#heard) : endedMessage(this.#heard)
    if (found === null) return null
    this.#heard = this.#heard.slice(found.length)
    return Buffer.from(found.message, 'latin1').toString('utf8')
  }
}

interface Found {
  message: string
  length: number
}

function endedMessage(heard: string): Found | null {
  const at = heard.indexOf(END_OF_MESSAGE)
  return at < 0 ? null : { message: heard.slice(0, at), length: at + END_OF_MESSAGE.length }
}

function chunkedMessage(heard: string): Found | null {
  let message = ''
  for (let at = 0; ; ) {
    const rest = heard.slice(at, at + 14)
    const header = /^\n#(#|[1-9]\d{0,9})\n/.exec(rest)
    if (header === null) {
      if (/^(?:\n(?:#(?:#|[1-9]\d{0,9})?)?)?$/.test(rest)) return null
      throw new BadFraming('no chunk')
    }
    at += header[0].length
    if (header[1] === '#') {
      if (message === '') throw new BadFraming('a message of no chunk')
      return { message, length: at }
    }
    const size = Number(header[1])
    if (size > LONGEST) throw new BadFraming('too long')
    if (heard.length < at + size) return null
    message += heard.slice(at, at + size)
    at += size
  }
}

/** Switches send long answers in more than one chunk. */
const CHUNK = 1024

export function framed(message: string, chunked: boolean): Buffer {
  if (!chunked) return Buffer.from(`${message}${END_OF_MESSAGE}`)
  const bytes = Buffer.from(message)
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const chunk = bytes.subarray(at, at + CHUNK)
    parts.push(Buffer.from(`\n#${chunk.length}\n`), chunk)
  }
  return Buffer.concat([...parts, Buffer.from('\n##\n')])
}
