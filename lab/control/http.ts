import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import { ZodError } from 'zod'

/** A request as the handlers of the control API see it. */
export interface Call {
  /** What stands at `:name` in the pattern, decoded. */
  param(name: string): string
  query: URLSearchParams
  /** The parsed JSON body; an empty object if there is none. */
  body: unknown
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Segments separated by slashes; one that begins with a colon is a parameter. */
  pattern: string
  /** The answer's JSON. */
  handle(call: Call): unknown
}

/** Ends a call with this status and {error}. */
export class ControlError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'ControlError'
    this.status = status
  }
}

export interface JsonServer {
  readonly url: string
  stop(): Promise<void>
}

/** Serves the routes as JSON over HTTP. No authentication: the address is a loopback one. */
export async function serveJson(
  routes: readonly Route[],
  address: string,
  port: number,
): Promise<JsonServer> {
  const server = createServer((request, response) => {
    answer(routes, request)
      .catch(asError)
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(`${JSON.stringify(body)}\n`)
      })
  })
  server.listen(port, address)
  await once(server, 'listening')
  const bound = server.address()
  const real = bound !== null && typeof bound === 'object' ? bound.port : port
  return {
    url: `http://${address}:${real}`,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

interface Reply {
  status: number
  body: unknown
}

async function answer(routes: readonly Route[], request: IncomingMessage): Promise<Reply> {
  const url = new URL(request.url ?? '/', 'http://lab')
  const asked = url.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent)
  const here = routes.flatMap((route) => {
    const params = match(route.pattern, asked)
    return params === null ? [] : [{ route, params }]
  })
  const found = here.find(({ route }) => route.method === request.method)
  if (found === undefined) {
    if (here.length === 0) throw new ControlError(404, `nothing at ${url.pathname}`)
    throw new ControlError(405, `${url.pathname} knows ${here.map(({ route }) => route.method).join(', ')}`)
  }
  const { route, params } = found
  const result = await route.handle({
    param: (name) => params.get(name) ?? '',
    query: url.searchParams,
    body: await readJson(request),
  })
  return { status: 200, body: result ?? {} }
}

function match(pattern: string, asked: readonly string[]): Map<string, string> | null {
  const wanted = pattern.split('/').filter((part) => part !== '')
  if (wanted.length !== asked.length) return null
  const params = new Map<string, string>()
  for (const [index, part] of wanted.entries()) {
    const value = asked[index] ?? ''
    if (part.startsWith(':')) params.set(part.slice(1), value)
    else if (part !== value) return null
  }
  return params
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    throw new ControlError(400, 'the body is not JSON')
  }
}

function asError(error: unknown): Reply {
  if (error instanceof ControlError) return { status: error.status, body: { error: error.message } }
  if (error instanceof ZodError) {
    const faults = error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`)
    return { status: 400, body: { error: faults.join('; ') } }
  }
  return { status: 500, body: { error: error instanceof Error ? error.message : String(error) } }
}
