import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import type { ManagementController } from '../bmc/controller.ts'
import { type Identity, selfSigned } from './certificate.ts'
import type { RedfishDials } from './dials.ts'
import { RedfishService } from './service.ts'

export interface RunningRedfish {
  readonly dials: RedfishDials
  readonly address: string
  readonly port: number
  /** The certificate that it presents when no dial says otherwise. */
  readonly identity: Identity
  /** May this user, with this password, use the machine's serial console? */
  mayUseConsole(username: string, password: string): boolean
  close(): Promise<void>
}

export interface RedfishOptions {
  /** 0: any free one. */
  port: number
  /** UDP port of IPMI on the same address; null: there is none. */
  ipmiPort: number | null
  /** TCP port of SSH on the same address; null: there is none. */
  sshPort: number | null
  /** Kept over a restart; a new one without it. */
  identity?: Identity | undefined
}

/** A body beyond this is no Redfish request. */
const BODY_LIMIT = 256 * 1024

/** Serves Redfish over HTTPS for one machine, at its BMC's address. Rejects when the address cannot be bound. */
export async function startRedfish(
  controller: ManagementController,
  { port, ipmiPort, sshPort, identity: known }: RedfishOptions,
): Promise<RunningRedfish> {
  const { address } = controller.machine.bmc
  const identity = known ?? selfSigned(address, Date.now())
  let other: Identity | null = null
  let presented = identity
  let real = port
  const service = new RedfishService(controller, { ipmiPort, sshPort, port: () => real })
  const { dials } = service
  const server = createServer({ key: identity.key, cert: identity.certificate }, (request, response) => {
    serve(service, controller, request, response).catch(() => response.destroy())
  })

  // Before the TLS server's own listener: a handshake uses the certificate of its beginning.
  server.prependListener('connection', (socket) => {
    if (controller.restarting || controller.dials.unreachable) socket.destroy()
    if (dials.otherCertificate) other ??= selfSigned(address, Date.now())
    const wanted = dials.otherCertificate && other !== null ? other : identity
    if (wanted === presented) return
    presented = wanted
    server.setSecureContext({ key: wanted.key, cert: wanted.certificate })
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = error.code === 'HPE_INVALID_METHOD' ? '501 Not Implemented' : '400 Bad Request'
    if (socket.writable)
      socket.end(`HTTP/1.1 ${status}\r\nOData-Version: 4.0\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  })
  server.on('tlsClientError', () => {})
  controller.onRestart(() => server.closeAllConnections())

  await listen(server, port, address)
  const bound = server.address()
  if (bound !== null && typeof bound === 'object') real = bound.port
  return {
    dials,
    address,
    port: real,
    identity,
    mayUseConsole: (username, password) => service.mayUseConsole(username, password),
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function listen(server: Server, port: number, address: string): Promise<void> {
  server.listen(port, address)
  await once(server, 'listening')
}

async function serve(
  service: RedfishService,
  controller: ManagementController,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await read(request)
  if (body === null || controller.dials.unreachable || controller.restarting) {
    request.socket.destroy()
    return
  }
  const answer = service.handle({
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : value,
      ]),
    ),
    body,
  })
  if (service.dials.delayMs > 0) await pause(service.dials.delayMs)
  if (service.dials.cutNext > 0) {
    service.dials.cutNext -= 1
    request.socket.destroy()
    return
  }
  response.writeHead(answer.status, answer.headers)
  response.end(answer.body)
}

/** Null: too long. */
async function read(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > BODY_LIMIT) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
