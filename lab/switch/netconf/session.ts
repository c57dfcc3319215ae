import { escapeXml } from '../xml.ts'
import { NETCONF } from './edit.ts'
import { child, type Element, parseMessage } from './element.ts'
import { BadFraming, framed, Listening } from './framing.ts'
import { Cut, RpcError } from './rpc-error.ts'

export const BASE_10 = 'urn:ietf:params:netconf:base:1.0'
export const BASE_11 = 'urn:ietf:params:netconf:base:1.1'

/** The line on which one session is held, and what is behind it. */
export interface Line {
  id: number
  capabilities: readonly string[]
  send(bytes: Buffer): void
  end(): void
  /** Inside of the rpc-reply. @throws RpcError, Cut */
  answer(operation: Element): string
}

/** One NETCONF session as a server has it (RFC 6241 §4, RFC 6242). */
export class Session {
  readonly #line: Line
  readonly #listening = new Listening()
  #chunked = false
  #greeted = false
  #over = false

  constructor(line: Line) {
    this.#line = line
    const capabilities = line.capabilities.map((one) => `<capability>${escapeXml(one)}</capability>`).join('')
    this.#send(
      `<?xml version="1.0" encoding="UTF-8"?>\n<hello xmlns="${NETCONF}"><capabilities>${capabilities}</capabilities><session-id>${line.id}</session-id></hello>`,
    )
  }

  hear(bytes: Buffer): void {
    if (this.#over) return
    try {
      this.#listening.hear(bytes.toString('latin1'))
      for (let message = this.#listening.take(); message !== null; message = this.#listening.take()) {
        if (this.#greeted) this.#obey(message)
        else this.#meet(message)
        if (this.#over) return
      }
    } catch (error) {
      if (!(error instanceof Cut || error instanceof BadFraming)) throw error
      this.#end()
    }
  }

  #meet(message: string): void {
    const hello = parseMessage(message)
    const named = (hello && child(hello, 'capabilities')?.children.map(({ text }) => text.trim())) ?? []
    const both = (base: string) => named.includes(base) && this.#line.capabilities.includes(base)
    // RFC 6241 §8.1: a client that names a session, or has no base with us, is none
    const isClient = hello?.name === 'hello' && child(hello, 'session-id') === undefined
    if (!isClient || !(both(BASE_10) || both(BASE_11))) return void this.#end()
    this.#greeted = true
    this.#chunked = both(BASE_11)
    if (this.#chunked) this.#listening.agreeOnChunks()
  }

  #obey(message: string): void {
    const rpc = parseMessage(message)
    if (rpc === null || rpc.name !== 'rpc' || rpc.namespace !== NETCONF) {
      return void this.#reply({}, new RpcError('malformed-message', 'That is no rpc', { type: 'rpc' }).xml)
    }
    const [operation] = rpc.children
    try {
      if (rpc.attributes['message-id'] === undefined)
        throw new RpcError('missing-attribute', 'An rpc has a message-id', {
          type: 'rpc',
          info: { 'bad-attribute': 'message-id', 'bad-element': 'rpc' },
        })
      if (operation === undefined)
        throw new RpcError('missing-element', 'An rpc has an operation', { type: 'rpc' })
      this.#reply(rpc.attributes, this.#line.answer(operation))
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      this.#reply(rpc.attributes, error.xml)
    }
    if (operation?.name === 'close-session') this.#end()
  }

  /** RFC 6241 §4.2: with the attributes of the question. */
  #reply(attributes: Element['attributes'], inner: string): void {
    const own = Object.entries(attributes)
      .filter(([name]) => !name.startsWith('{'))
      .map(([name, value]) => ` ${name}="${escapeXml(value).replaceAll('"', '&quot;')}"`)
    this.#send(
      `<?xml version="1.0" encoding="UTF-8"?>\n<rpc-reply xmlns="${NETCONF}"${own.join('')}>${inner}</rpc-reply>`,
    )
  }

  #send(message: string): void {
    this.#line.send(framed(message, this.#chunked))
  }

  #end(): void {
    this.#over = true
    this.#line.end()
  }
}
