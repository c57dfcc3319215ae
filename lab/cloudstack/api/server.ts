import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import type { Reply } from './dispatch.ts'

/** What the API takes as a body; user data may be long. */
const BODY_LIMIT = 2 * 1024 * 1024
const PATH = '/client/api'

export interface ApiServer {
  readonly url: string
  stop(): Promise<void>
}

/** Serves the API at /client/api, by GET and POST. A handler that rejects cuts the connection. */
export async function serveApi(
  address: string,
  port: number,
  answer: (values: ReadonlyMap<string, string>) => Promise<Reply>,
): Promise<ApiServer> {
  const server = createServer((request, response) => {
    valuesOf(request)
      .then(async (values): Promise<Reply> => {
        if (values === null) return { status: 404, body: { error: `the API is at ${PATH}` } }
        return answer(values)
      })
      .then(
        ({ status, body }) => {
          response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' })
          response.end(JSON.stringify(body))
        },
        () => request.socket.destroy(),
      )
  })
  server.listen(port, address)
  await once(server, 'listening')
  const bound = server.address()
  const real = bound !== null && typeof bound === 'object' ? bound.port : port
  return {
    url: `http://${address}:${real}${PATH}`,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** The parameters of query and form together; null: another path. */
async function valuesOf(request: IncomingMessage): Promise<Map<string, string> | null> {
  const url = new URL(request.url ?? '/', 'http://lab')
  if (url.pathname.replace(/\/$/, '') !== PATH) return null
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > BODY_LIMIT) throw new Error('the body is too long')
    chunks.push(chunk)
  }
  return new Map([...url.searchParams, ...new URLSearchParams(Buffer.concat(chunks).toString())])
}
