import { once } from 'node:events'
import { createServer as createClearServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Identity, selfSigned } from '../../redfish/certificate.ts'
import { basicUser, readBody } from '../http-request.ts'
import { calm, type Fault, type HttpDials, nextFault } from './faults.ts'

export interface HttpUser {
  username: string
  password: string
  /** May look and not touch. */
  readOnly?: boolean
}

export interface HttpAsk {
  method: string
  path: string
  query: URLSearchParams
  contentType: string
  body: string
  user: HttpUser
}

export interface HttpReply {
  status: number
  body: unknown
}

/** What a front does with a request: all of it, a part of it, all of it slowly, or an answer as if it had. */
export type How = 'do' | 'half' | 'late' | 'pretend'

const hows: Partial<Record<Fault, How>> = { half: 'half', late: 'late', nothing: 'pretend' }

export interface HttpFront {
  /** Could this request change anything? Each that is no GET, if it does not say. */
  changes?(ask: { method: string; body: string }): boolean
  answer(ask: HttpAsk, how: How): HttpReply | Promise<HttpReply>
}

export interface HttpOptions {
  address: string
  /** 0 picks a free one. */
  port?: number
  users: readonly HttpUser[]
  /** Without TLS. */
  clear?: boolean
  /** Its certificate; a new one, if absent. */
  identity?: Identity | undefined
}

export interface HttpServer {
  readonly address: string
  readonly port: number
  readonly identity: Identity
  readonly dials: HttpDials
  /** Logins: connections on which somebody has asked for something. */
  readonly connections: number
  /** From now on it shows another certificate, as an impostor or after a reinstallation. */
  newCertificate(): void
  /** Brings the certificate that it shows to what the dials say; whoever was connected has to come again. */
  showCertificate(): void
  /** Without power nobody is connected, and nobody can connect. */
  setPower(on: boolean): void
  stop(): Promise<void>
}

/** The HTTP interface of one switch. */
export async function startHttpFront(front: HttpFront, options: HttpOptions): Promise<HttpServer> {
  const dials = calm()
  const sockets = new Set<Socket>()
  const greeted = new WeakSet<Socket>()
  let connections = 0
  let powered = true
  let identity = options.identity ?? selfSigned(options.address, Date.now())
  const impostor = selfSigned(options.address, Date.now())
  const tls = () => {
    const { key, certificate } = dials.otherCertificate ? impostor : identity
    return { key, cert: certificate }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!greeted.has(request.socket)) {
      greeted.add(request.socket)
      connections += 1
    }
    const body = await readBody(request)
    if (dials.down || !powered) return void request.socket.destroy()
    if (dials.delayMs > 0) await sleep(dials.delayMs, undefined, { ref: false })
    if (dials.redirect !== null)
      return reply(response, { status: 302, body: '' }, { location: dials.redirect })
    const user = dials.rejectPassword ? undefined : basicUser(request.headers.authorization, options.users)
    if (user === undefined) {
      return reply(
        response,
        { status: 401, body: 'Unauthorized' },
        { 'www-authenticate': 'Basic realm="switch"' },
      )
    }
    const url = new URL(request.url ?? '/', 'http://switch')
    const method = request.method ?? 'GET'
    const path = url.pathname
    const changes = front.changes?.({ method, body }) ?? method !== 'GET'
    const fault = dials.fault({ method, path, body }) ?? nextFault(dials, changes)
    if (fault === 'drop' || fault === 'late') request.socket.destroy()
    if (fault === 'drop') return
    if (fault === 'error') return reply(response, { status: 500, body: 'Internal Server Error' })
    const contentType = request.headers['content-type'] ?? ''
    const how = fault === null ? 'do' : (hows[fault] ?? 'do')
    const answer = await front.answer({ method, path, query: url.searchParams, contentType, body, user }, how)
    if (fault === 'late') return
    if (fault === 'lose' || fault === 'half') request.socket.destroy()
    else if (fault === 'error-after') reply(response, { status: 500, body: 'Internal Server Error' })
    else reply(response, answer)
  }

  function showCertificate(): void {
    secure?.setSecureContext(tls())
    for (const socket of sockets) socket.destroy()
  }

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => response.destroy())
  }
  const secure = options.clear ? null : createTlsServer(tls(), listener)
  const server = secure ?? createClearServer(listener)
  server.on(secure ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('connection', (socket: Socket) => {
    if (dials.down || !powered) socket.destroy()
  })
  server.listen(options.port ?? 0, options.address)
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('listening on no TCP port')

  return {
    address: options.address,
    port: bound.port,
    get identity() {
      return identity
    },
    dials,
    get connections() {
      return connections
    },
    newCertificate() {
      identity = selfSigned(options.address, Date.now())
      showCertificate()
    },
    showCertificate,
    setPower(on) {
      powered = on
      if (!on) for (const socket of sockets) socket.destroy()
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function reply(response: ServerResponse, answer: HttpReply, headers: Record<string, string> = {}): void {
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
  const type = typeof answer.body === 'string' ? 'text/html' : 'application/json'
  response.writeHead(answer.status, { 'content-type': type, ...headers })
  response.end(text)
}
