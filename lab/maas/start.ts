import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Answer, API_HASH } from './http/answer.ts'
import { OAuthGate, parseApiKey } from './http/auth.ts'
import { Form, parseBody } from './http/form.ts'
import { route } from './http/router.ts'
import type { LabMaas } from './maas.ts'

export interface RunningMaas {
  /** As clients are configured with it: http://127.40.0.1:5240/MAAS */
  readonly url: string
  stop(): Promise<void>
}

const PREFIX = '/MAAS/api/2.0/'

/** Opens MAAS's API on this address; port 0 picks a free one. The region itself is stopped too by `stop`. */
export async function startMaas(maas: LabMaas, listen: { host: string; port: number }): Promise<RunningMaas> {
  const gate = new OAuthGate(parseApiKey(maas.apiKey))
  const server = createServer((request, response) => {
    serve(maas, gate, request, response).catch(() => response.destroy())
  })
  server.on('connection', (socket) => {
    if (maas.dials.down === 'reset') socket.destroy()
  })
  const port = await opened(server, listen)
  return {
    url: `http://${listen.host}:${port}/MAAS`,
    async stop() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await maas.stop()
    },
  }
}

async function serve(
  maas: LabMaas,
  gate: OAuthGate,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { dials, region } = maas
  if (dials.down === 'reset') return void request.socket.destroy()
  if (dials.slowApi > 0) await region.world.clock.sleep(dials.slowApi)
  if (dials.down === 'unavailable') {
    return send(response, refusal(503, '<html><body><h1>503 Service Unavailable</h1></body></html>'))
  }
  const url = new URL(request.url ?? '/', 'http://maas')
  if (!url.pathname.startsWith(PREFIX)) return send(response, refusal(404, 'Not Found'))
  const body = await parseBody(request.headers['content-type'] ?? '', await read(request))
  const answer = await route(region, gate, {
    method: request.method ?? 'GET',
    path: url.pathname.slice(PREFIX.length),
    query: new Form(url.searchParams),
    form: body,
    authorization: request.headers.authorization,
    origin: `http://${request.headers.host ?? 'localhost'}`,
  })
  send(response, answer, url.pathname === `${PREFIX}version/`)
}

function refusal(status: number, body: string): Answer {
  return { status, contentType: 'text/html; charset=utf-8', body, piston: false, headers: {} }
}

function send(response: ServerResponse, answer: Answer, anonymous = false): void {
  const vary = answer.piston ? (anonymous ? 'Authorization' : 'Authorization, Cookie') : 'Cookie'
  response.writeHead(answer.status, {
    'Content-Type': answer.contentType,
    Vary: vary,
    ...(answer.piston ? { 'X-Maas-Api-Hash': API_HASH } : {}),
    ...answer.headers,
  })
  response.end(answer.body)
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function opened(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
