import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

const heartbeatMs = 15_000
/** A reader that is this far behind is cut off: it comes back with Last-Event-ID. */
const largestBacklog = 4 * 1024 * 1024

/** One text/event-stream answer (WHATWG HTML, "Server-sent events"). */
export class EventStream {
  readonly #raw: ServerResponse
  readonly #closers: (() => void)[] = []
  #closed = false

  constructor(reply: FastifyReply, onHeartbeat: () => void) {
    reply.hijack()
    this.#raw = reply.raw
    this.#raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // nginx would hold the stream back until its buffer is full
      'x-accel-buffering': 'no',
      connection: 'close',
    })
    this.#write(': ferrule\n\n')
    const timer = setInterval(() => {
      this.#write(': still here\n\n')
      onHeartbeat()
    }, heartbeatMs)
    this.onClose(() => clearInterval(timer))
    this.#raw.on('close', () => this.close())
    this.#raw.on('error', () => this.close())
  }

  send(event: string, data: unknown, id?: number): void {
    this.#write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  get closed(): boolean {
    return this.#closed
  }

  onClose(closer: () => void): void {
    this.#closers.push(closer)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const closer of this.#closers) closer()
    this.#raw.end()
  }

  #write(text: string): void {
    if (this.#closed) return
    this.#raw.write(text)
    if (this.#raw.writableLength > largestBacklog) this.#raw.destroy()
  }
}

/** All streams of this server, so that closing it is not held up by them. */
export class OpenStreams {
  readonly #streams = new Set<EventStream>()

  open(reply: FastifyReply, onHeartbeat: () => void): EventStream {
    const stream = new EventStream(reply, onHeartbeat)
    this.#streams.add(stream)
    stream.onClose(() => this.#streams.delete(stream))
    return stream
  }

  closeAll(): void {
    for (const stream of [...this.#streams]) stream.close()
  }
}

/**
 * Runs `work` when asked, never twice at once, and once more if it was asked meanwhile: many notices become one look
 * at the database.
 */
export function coalesced(work: () => Promise<void>, onError: (error: unknown) => void): () => void {
  let running = false
  let again = false
  const run = async (): Promise<void> => {
    if (running) {
      again = true
      return
    }
    running = true
    try {
      do {
        again = false
        await work()
      } while (again)
    } catch (error) {
      onError(error)
    } finally {
      running = false
    }
  }
  return () => void run()
}
