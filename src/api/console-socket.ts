import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import type { ConsoleRoom, Viewer } from '../console/room.ts'
import type { Consoles } from '../console/rooms.ts'
import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { consoleHost, ticketOwner } from '../services/consoles.ts'
import { findHost } from '../services/hosts.ts'
import { tokenOwner } from '../services/tokens.ts'
import type { Api, ApiContext } from './context.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'

/** Spoken here: binary frames are the console's bytes, both ways; text frames are JSON, see docs/reference/console.md. */
const PROTOCOL = 'ferrule.console.v1'
const TICKET = 'ferrule.ticket.'
const PATH = /^\/api\/v1\/hosts\/([^/?]+)\/console\/stream$/

/** Keys come one by one; pasted text is cut by the client. */
const LARGEST_FRAME = 64 * 1024
/** A viewer that is so far behind will not catch up. */
const MOST_UNSENT = 4 * 1024 * 1024
const PING_MS = 20_000
/** A viewer that is gone without a word answers no close either. */
const CLOSE_GRACE_MS = 1_000

const command = z.discriminatedUnion('type', [z.strictObject({ type: z.literal('take') })])

interface Admitted {
  host: Host
  name: string
  mayWrite: boolean
  instanceId: string | null
}

/**
 * WebSockets to hosts' serial consoles. A program sends its token as it does everywhere; a browser, which cannot, sends
 * a ticket as a second subprotocol, so that it stands in no URL.
 */
export function consoleSocket(api: Api, context: ApiContext): () => void {
  const { consoles } = context
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_FRAME,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  })
  api.server.on('upgrade', (request, socket, head) => {
    // until ws has it, nobody else listens to its errors
    socket.on('error', () => socket.destroy())
    admit(context, request)
      .then((admitted) => serve(server, consoles, admitted, request, socket, head))
      .catch((error: unknown) => {
        if (offeredTicket(request) === undefined || !(error instanceof FerruleError) || error.status === 401)
          return refuseUpgrade(context.log, error, request, socket)
        server.handleUpgrade(request, socket, head, (opened) =>
          opened.close(4000 + error.status, words(error)),
        )
      })
  })
  const alive = new WeakSet<WebSocket>()
  server.on('connection', (socket) => {
    alive.add(socket)
    socket.on('pong', () => alive.add(socket))
  })
  const pings = setInterval(() => {
    for (const socket of server.clients) {
      if (!alive.delete(socket)) socket.terminate()
      else socket.ping()
    }
  }, PING_MS)
  pings.unref()
  return () => {
    clearInterval(pings)
    for (const socket of server.clients) {
      socket.close(1001, 'Ferrule is shutting down')
      setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref()
    }
  }
}

async function admit(context: ApiContext, request: IncomingMessage): Promise<Admitted> {
  const refusal = context.mode.refusal()
  if (refusal) throw refusal
  const { services } = context
  const key = hostKey(request.url ?? '')
  if (key === null)
    throw new FerruleError(
      'not-found',
      'nothing here speaks WebSocket',
      'Consoles are at /api/v1/hosts/HOST/console/stream.',
    )
  const ticket = offeredTicket(request)
  if (ticket !== undefined) {
    const { hostId, viewer, mayWrite, instanceId } = await ticketOwner(services, ticket)
    const host = await consoleHost(services, hostId)
    // a link that names another host than the one it opens would have somebody type into the wrong machine
    if (key !== host.name && key !== host.id) throw wrongHost(host)
    return { host, name: viewer, mayWrite, instanceId }
  }
  const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
  const caller = token ? await tokenOwner(services, context.hashToken(token)) : null
  if (!caller)
    throw new FerruleError(
      'unauthenticated',
      'the request carries neither a token that is known here nor a ticket',
      'Send "Authorization: Bearer frl_…", or ask for a ticket with POST /api/v1/hosts/HOST/console.',
    )
  const { host } = await findHost(services, key)
  return { host, name: caller.name, mayWrite: caller.role === 'admin', instanceId: null }
}

function offeredTicket(request: IncomingMessage): string | undefined {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/)
  return offered.find((one) => one.startsWith(TICKET))?.slice(TICKET.length)
}

/** For a browser, which shows its page no answer to a handshake: a close frame has room for 123 bytes. */
function words({ message, remedy }: FerruleError): string {
  return Buffer.from(`${message.replace(/\.$/, '')}. ${remedy}`)
    .subarray(0, 120)
    .toString('utf8')
    .replace(/\ufffd+$/, '')
}

/** Null: no console has this address. */
function hostKey(url: string): string | null {
  const encoded = PATH.exec(url.split('?')[0] ?? '')?.[1]
  if (encoded === undefined) return null
  try {
    return decodeURIComponent(encoded)
  } catch {
    return null
  }
}

async function serve(
  server: WebSocketServer,
  consoles: Consoles,
  admitted: Admitted,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  // what the room says before the handshake is done waits for it
  const early: (() => void)[] = []
  let webSocket: WebSocket | null = null
  const send = (act: (to: WebSocket) => void) => {
    if (!webSocket) early.push(() => send(act))
    else if (webSocket.readyState === WebSocket.OPEN) act(webSocket)
  }
  const viewer: Viewer = {
    name: admitted.name,
    mayWrite: admitted.mayWrite,
    instanceId: admitted.instanceId,
    data: (bytes) =>
      send((to) => {
        if (to.bufferedAmount > MOST_UNSENT) to.close(1013, 'too slow for this console')
        else to.send(bytes)
      }),
    state: (state) => send((to) => to.send(JSON.stringify({ type: 'state', ...state }))),
    end: (reason) => send((to) => to.close(1000, reason)),
  }
  const joined = await consoles.join(admitted.host, viewer)
  if (!joined.here) throw elsewhere(admitted.host, joined.url)
  socket.on('close', joined.leave)
  if (socket.destroyed) return joined.leave()
  server.handleUpgrade(request, socket, head, (opened) => {
    webSocket = opened
    server.emit('connection', opened, request)
    opened.on('message', (data, isBinary) => received(joined.room, viewer, opened, data, isBinary))
    opened.on('close', joined.leave)
    opened.on('error', joined.leave)
    for (const act of early.splice(0)) act()
  })
}

function received(
  room: ConsoleRoom,
  viewer: Viewer,
  socket: WebSocket,
  data: RawData,
  isBinary: boolean,
): void {
  const bytes = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
  if (isBinary) {
    room.write(viewer, bytes)
    return
  }
  const parsed = command.safeParse(parseJson(bytes.toString('utf8')))
  if (parsed.success) room.take(viewer)
  else socket.close(1007, 'the text frames of this protocol are {"type":"take"} alone')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function wrongHost(host: Host): FerruleError {
  return new FerruleError(
    'forbidden',
    'the ticket is for another host than the address says',
    'Open the console again from where the link came from.',
    { host: host.name },
  )
}

function elsewhere(host: Host, url: string | null): FerruleError {
  return new FerruleError(
    'console-busy',
    `another replica of Ferrule has the console of ${host.name}`,
    url === null
      ? 'Ask that replica (each has an address of its own), or wait until its viewers have left.'
      : `Open it there: ${url}.`,
    { host: host.name, url },
  )
}
