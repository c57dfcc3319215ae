import type { FastifyInstance } from 'fastify'
import { WebSocket } from 'ws'
import { createApi } from '../../src/api/server.ts'
import type { Consoles } from '../../src/console/rooms.ts'
import { createConsoles } from '../../src/console/rooms.ts'
import { hashToken, newToken } from '../../src/secrets/tokens.ts'
import type { Services } from '../../src/services/context.ts'
import { createToken } from '../../src/services/tokens.ts'
import type { CloudVm } from './door.ts'
import { fileless } from './fileless.ts'
import type { Rig } from './rig.ts'

/** A replica's HTTP interface on a rig, with its consoles. */
export interface Front {
  api: FastifyInstance
  consoles: Consoles
  /** http://127.0.0.1:PORT */
  url: string
  /** A new token of this role, by this name. */
  token(name: string, role: 'admin' | 'reader'): Promise<string>
  close(): Promise<void>
}

export async function startFront(rig: Rig, services: Services = rig.core.services): Promise<Front> {
  const log = () => undefined
  const consoles = createConsoles(services, { url: 'https://here.example', log })
  const api = await createApi({
    services,
    consoles,
    database: rig.core.pool,
    log,
    version: '0.0.0-test',
    hashToken,
    mode: rig.core.mode,
    settings: () => ({ installation: 'test' }),
    provider: fileless(),
    meters: rig.core.meters,
  })
  const url = await api.listen({ host: '127.0.0.1', port: 0 })
  return {
    api,
    consoles,
    url,
    token: async (tokenName, role) =>
      (await createToken(services, newToken, { name: tokenName, role })).token,
    close: () => api.close(),
  }
}

export interface State {
  line: { state: string; reason?: string; remedy?: string }
  viewers: number
  writer: string | null
  writing: boolean
  mayWrite: boolean
}

/** A program's, or a browser's. */
export type Key = { token: string } | { ticket: string }

/** How a handshake ended that did not become a WebSocket. */
export class Refused extends Error {
  readonly status: number
  readonly type: string | undefined
  readonly problem: { code?: string; detail?: string; remedy?: string }

  constructor(status: number, type: string | undefined, body: string) {
    super(`refused with ${status}: ${body}`)
    this.status = status
    this.type = type
    this.problem = JSON.parse(body)
  }
}

/** Somebody at a console, by the protocol that docs/reference/console.md has. */
export class Watcher {
  screen = ''
  readonly states: State[] = []
  closed: { code: number; reason: string } | null = null
  readonly #socket: WebSocket

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.screen += data.toString('utf8')
      else this.states.push(JSON.parse(data.toString('utf8')))
    })
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString('utf8') }
    })
  }

  /** With a token as a program, or with a ticket as a browser. Rejects with Refused. */
  static async open(url: string, host: string, key: Key | null): Promise<Watcher> {
    const protocols = ['ferrule.console.v1']
    if (key && 'ticket' in key) protocols.push(`ferrule.ticket.${key.ticket}`)
    const headers = key && 'token' in key ? { authorization: `Bearer ${key.token}` } : {}
    const address = `${url.replace('http', 'ws')}/api/v1/hosts/${host}/console/stream`
    const socket = new WebSocket(address, protocols, { headers })
    const watcher = new Watcher(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve())
      socket.once('error', reject)
      socket.once('unexpected-response', (_request, response) => {
        let body = ''
        response.on('data', (chunk) => {
          body += String(chunk)
        })
        response.on('end', () =>
          reject(new Refused(response.statusCode ?? 0, response.headers['content-type'], body)),
        )
      })
    })
    return watcher
  }

  get state(): State {
    const state = this.states.at(-1)
    if (!state) throw new Error('no state was told yet')
    return state
  }

  get line(): string {
    return this.states.at(-1)?.line.state ?? 'untold'
  }

  type(keys: string): void {
    this.#socket.send(Buffer.from(keys))
  }

  take(): void {
    this.#socket.send(JSON.stringify({ type: 'take' }))
  }

  leave(): void {
    this.#socket.close(1000)
  }

  /** Stops reading, as a viewer whose network is gone: not even a close is answered. */
  freeze(): void {
    this.#socket.pause()
  }
}

/** The refusal of a handshake. */
export async function refusalOf(url: string, host: string, key: Key | null): Promise<Refused> {
  const tried = await Watcher.open(url, host, key).then(
    (watcher) => watcher.leave(),
    (error: unknown) => error,
  )
  if (tried instanceof Refused) return tried
  throw new Error(`not refused: ${String(tried)}`)
}

export async function ticketFor(
  url: string,
  host: string,
  token: string,
): Promise<{ ticket: string; mayWrite: boolean }> {
  const answer = await fetch(`${url}/api/v1/hosts/${host}/console`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  })
  return (await answer.json()) as { ticket: string; mayWrite: boolean }
}

/** CloudStack's "View console": the ticket in the link that it gives its user. */
export async function instanceTicket(of: CloudVm): Promise<{ ticket: string }> {
  const said = await of.call('getconsole')
  const { console: link } = said.body as { console?: { url: string; protocol: string } }
  if (link?.protocol !== 'direct') throw new Error(`no link to a console: ${said.stdout}`)
  const { origin, pathname, hash } = new URL(link.url)
  const ticket = new URLSearchParams(hash.slice(1)).get('ticket')
  if (`${origin}${pathname}` !== 'https://ferrule.example/console' || ticket === null)
    throw new Error(`not a link to Ferrule's page: ${link.url}`)
  return { ticket }
}
