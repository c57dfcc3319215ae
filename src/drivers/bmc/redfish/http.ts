import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { FerruleError } from '../../../domain/errors.ts'
import type { RedfishSettings } from './options.ts'
import { connectTrusted, NotConnected, type TrustedBmc } from './tls.ts'

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** From the first slash on. */
  path: string
  headers: Record<string, string>
  body: string | undefined
  signal: AbortSignal | undefined
}

export interface HttpAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** It was sent, or a part of it, and no whole answer came: it may have been done. */
export class ReplyLost extends Error {}

/** More than a BMC has to say: the rest was not read. */
export class TooLong extends Error {}

/** The connections to one BMC: one at a time, over TLS to whom we trust. */
export class Connection {
  readonly #settings: RedfishSettings
  readonly #agent: Agent

  constructor(bmc: TrustedBmc, settings: RedfishSettings) {
    this.#settings = settings
    this.#agent = new TrustedAgent(bmc, settings)
  }

  /** @throws NotConnected, ReplyLost, TooLong, FerruleError bmc-untrusted; an abort as its reason */
  exchange(ask: HttpRequest): Promise<HttpAnswer> {
    const { requestMs, connectMs, maxAnswerBytes } = this.#settings
    return new Promise((resolve, reject) => {
      if (ask.signal?.aborted) return reject(ask.signal.reason)
      const sent = request({
        agent: this.#agent,
        method: ask.method,
        path: ask.path,
        headers: ask.headers,
        // Else node would set a Host without the port, or of the proxy.
        setHost: false,
        insecureHTTPParser: false,
      })
      const settle = (done: () => void) => {
        clearTimeout(timer)
        ask.signal?.removeEventListener('abort', aborted)
        done()
      }
      const fail = (reason: unknown) => {
        settle(() => reject(reason))
        sent.destroy()
      }
      const aborted = () => fail(ask.signal?.reason)
      const timer = setTimeout(
        () => fail(new ReplyLost(`no answer within ${requestMs / 1000} s`)),
        requestMs + connectMs,
      )
      ask.signal?.addEventListener('abort', aborted, { once: true })
      sent.on('error', (error) => fail(passes(error) ? error : new ReplyLost(words(error))))
      sent.on('response', (response) => {
        readBody(response, maxAnswerBytes).then(
          (body) =>
            settle(() => resolve({ status: response.statusCode ?? 0, headers: response.headers, body })),
          (error: unknown) => fail(error instanceof TooLong ? error : new ReplyLost(words(error))),
        )
      })
      sent.end(ask.body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

function passes(error: unknown): boolean {
  return error instanceof NotConnected || error instanceof FerruleError
}

/** Speaks plain HTTP to node, over sockets that are TLS already. */
class TrustedAgent extends Agent {
  readonly #bmc: TrustedBmc
  readonly #connectMs: number

  constructor(bmc: TrustedBmc, settings: RedfishSettings) {
    // Without a limit on sockets: node would ask to keep the connection because of it. The client's queue is the limit.
    super({ keepAlive: settings.keepAlive })
    this.#bmc = bmc
    this.#connectMs = settings.connectMs
  }

  override createConnection(
    _options: unknown,
    done: (error: Error | null, socket?: Duplex) => void,
  ): undefined {
    connectTrusted(this.#bmc, this.#connectMs).then(
      (socket) => done(null, socket),
      (error: Error) => done(error),
    )
    return undefined
  }
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new TooLong(`its answer is longer than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function words(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message === '' ? 'the connection broke' : message
}
