import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { z } from 'zod'
import type { FerruleError } from '../../../domain/errors.ts'
import type { OvsdbTarget } from './endpoint.ts'
import { unauthorised, unreachable } from './errors.ts'
import { JsonSplitter } from './framing.ts'

/** RFC 7047 §3: requests of both sides, answers, and notifications, whose id is null. */
const message = z.looseObject({
  id: z.unknown().optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.unknown().optional(),
})

export interface Answer {
  result: unknown
  error: unknown
}

interface Pending {
  resolve(answer: Answer): void
  reject(error: FerruleError): void
}

/** One JSON-RPC connection to an ovsdb-server. It ends with its first fault, and everything that waits with it. */
export class OvsdbConnection {
  readonly #target: OvsdbTarget
  readonly #socket: Socket
  readonly #splitter = new JsonSplitter()
  readonly #pending = new Map<number, Pending>()
  /** Called with what the server says unasked, by its method. */
  onNotice: (method: string) => void = () => undefined
  /** Why it ended. */
  readonly end: Promise<FerruleError>
  #tellEnd: (reason: FerruleError) => void = () => undefined
  #lastId = 0
  #ended: FerruleError | null = null

  private constructor(target: OvsdbTarget, socket: Socket) {
    this.#target = target
    this.#socket = socket
    this.end = new Promise((resolve) => {
      this.#tellEnd = resolve
    })
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', (error) => this.#end(connectionFault(this.#target, error)))
    socket.on('close', () => this.#end(unreachable(target.address, 'the connection was closed')))
  }

  /** It ends with `signal`, also while it is being made. @throws switch-unreachable, switch-auth (TLS) */
  static open(target: OvsdbTarget, timeoutMs: number, signal?: AbortSignal): Promise<OvsdbConnection> {
    const socket = dial(target)
    const connection = new OvsdbConnection(target, socket)
    const close = () => connection.close()
    signal?.addEventListener('abort', close, { once: true })
    connection.end.then(() => signal?.removeEventListener('abort', close))
    if (signal?.aborted) close()
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        connection.#end(unreachable(target.address, `no connection within ${timeoutMs / 1000} s`))
      }, timeoutMs)
      socket.once(target.tls ? 'secureConnect' : 'connect', () => {
        clearTimeout(late)
        resolve(connection)
      })
      socket.once('close', () => {
        clearTimeout(late)
        reject(connection.#ended ?? unreachable(target.address, 'the connection was closed'))
      })
    })
  }

  get ended(): boolean {
    return this.#ended !== null
  }

  get busy(): boolean {
    return this.#pending.size > 0
  }

  /**
   * The answer, be it a result or an error. An answer that is late, or that nobody waits for any more, ends the
   * connection: the request must not reach the switch when we have told that it was not heard.
   * @throws switch-unreachable, or what `signal` makes of its end
   */
  async call(
    method: string,
    params: readonly unknown[],
    timeoutMs: number,
    abandoned?: { signal: AbortSignal; error: () => FerruleError },
  ): Promise<Answer> {
    if (abandoned?.signal.aborted) throw abandoned.error()
    if (this.#ended) throw this.#ended
    this.#lastId += 1
    const id = this.#lastId
    const stop = () => abandoned && this.#end(abandoned.error())
    const late = setTimeout(() => {
      this.#end(unreachable(this.#target.address, `no answer to ${method} within ${timeoutMs / 1000} s`))
    }, timeoutMs)
    abandoned?.signal.addEventListener('abort', stop, { once: true })
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject })
        this.#socket.write(JSON.stringify({ id, method, params }))
      })
    } finally {
      clearTimeout(late)
      abandoned?.signal.removeEventListener('abort', stop)
      this.#pending.delete(id)
    }
  }

  close(): void {
    this.#end(unreachable(this.#target.address, 'the connection was closed'))
  }

  #receive(chunk: Buffer): void {
    if (this.#ended) return
    try {
      for (const text of this.#splitter.push(chunk)) this.#handle(JSON.parse(text))
    } catch (error) {
      this.#end(
        unreachable(
          this.#target.address,
          error instanceof SyntaxError ? 'it sends broken JSON' : said(error),
        ),
      )
    }
  }

  #handle(json: unknown): void {
    const { id, method, params, result, error } = message.parse(json)
    if (method === 'echo') {
      // The switch asks whether we live, and hangs up when we do not say so (RFC 7047 §4.1.11).
      this.#socket.write(JSON.stringify({ id, result: params, error: null }))
    } else if (method === undefined && typeof id === 'number') {
      this.#pending.get(id)?.resolve({ result, error })
    } else if (method !== undefined) {
      this.onNotice(method)
    }
  }

  #end(reason: FerruleError): void {
    if (this.#ended) return
    this.#ended = reason
    // A reset also takes back what the kernel has not sent yet.
    if (this.#target.tls) this.#socket.destroy()
    else this.#socket.resetAndDestroy()
    for (const waiting of this.#pending.values()) waiting.reject(reason)
    this.#tellEnd(reason)
  }
}

function dial({ host, port, tls }: OvsdbTarget): Socket {
  if (tls === null) return connectTcp({ host, port, noDelay: true })
  return connectTls({
    host,
    port,
    key: tls.key,
    cert: tls.certificate,
    ca: tls.trusted,
    // The certificate of the switch itself may stand for its authority: that is a pin.
    allowPartialTrustChain: true,
    // Certificates of ovs-pki carry no address; who holds a key of this authority is the switch.
    checkServerIdentity: () => undefined,
    minVersion: 'TLSv1.2',
  })
}

/** A system's error (ECONNREFUSED) is of the network; with TLS any other one is of the keys. */
function connectionFault(target: OvsdbTarget, error: Error): FerruleError {
  const ofTheSystem = 'code' in error && /^E(?!RR_|PROTO)/.test(String(error.code))
  if (target.tls && !ofTheSystem) return unauthorised(target.address, said(error))
  return unreachable(target.address, said(error))
}

function said(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text === '' ? 'the connection failed' : text
}
