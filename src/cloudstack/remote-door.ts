import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Log } from '../telemetry/log.ts'
import { refused, withReference } from './answers.ts'
import { callId } from './waiting.ts'

export interface RemoteDoor {
  /** https://host:port */
  url: string
  close(): Promise<void>
}

/**
 * The same door for management servers without a daemon of their own: HTTPS, and a token with every call. Who is not
 * known is answered before anything of the call is read.
 * @param door ready to route
 * @param mayEnter whether this token is one of CloudStack's, or an administrator's
 */
export async function createRemoteDoor(
  door: FastifyInstance,
  { host, port, ...tls }: { cert: string; key: string; host: string; port: number },
  mayEnter: (token: string) => Promise<boolean>,
  log: Log,
): Promise<RemoteDoor> {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
    if (token !== undefined && (await mayEnter(token))) door.routing(request, response)
    else end(request, response, 401, unknownToken)
  }
  const end = (request: IncomingMessage, response: ServerResponse, status: number, text: string): void => {
    const call = callId(request.headers)
    log('info', 'CloudStack was refused', { call, answer: text, address: request.socket.remoteAddress })
    response
      .writeHead(status, { 'content-type': 'application/json', connection: 'close' })
      .end(JSON.stringify(withReference(refused(text), call).body))
  }
  const server = createServer(tls, (request, response) => {
    answer(request, response).catch(() => end(request, response, 503, noDatabase))
  })
  server.listen(port, host)
  await once(server, 'listening')
  // listening on TCP: an address, not a path
  const address = server.address() as AddressInfo
  return {
    url: `https://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const unknownToken =
  'Ferrule does not know the token of this management server. Put one of role cloudstack into its token file.'
const noDatabase = 'Ferrule cannot look up tokens now: its database does not answer. Try again.'
