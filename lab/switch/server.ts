import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PortMembership } from '../world/types.ts'
import type { Answer } from './answer.ts'
import { errorAnswer, HttpRefusal, XML_TYPE } from './answer.ts'
import type { SwitchDials } from './dials.ts'
import { calm, spend } from './dials.ts'
import { basicUser, readBody } from './http-request.ts'
import type { SwitchSetup } from './model.ts'
import { SwitchModel } from './model.ts'
import type { RestRoot } from './rest.ts'
import { answerRest } from './rest.ts'
import type { ShowSources } from './show.ts'

export interface SwitchUser {
  username: string
  password: string
  /** Privilege 0-15; 0 and 1 may only read. */
  level: number
}

export interface SwitchOptions extends SwitchSetup {
  /** Management address, e.g. 127.40.20.1. */
  address: string
  /** FTOS listens on 8008; 0 picks a free one. */
  port?: number
  root?: RestRoot
  users: readonly SwitchUser[]
  sources?: Partial<ShowSources>
  /** Waits while the switch reboots; without it a reboot takes no time. */
  bootTime?: () => Promise<void>
  /** Called when what was asked is done, and waited for before it is answered: who asks what, and an answer that never comes. */
  beforeAnswer?: (done: { username: string; method: string; body: string }) => Promise<void>
}

/** A Force10 switch on the network: its REST server before, its ports behind. */
export interface SwitchServer {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly root: RestRoot
  readonly users: readonly SwitchUser[]
  readonly model: SwitchModel
  readonly dials: Readonly<SwitchDials>
  setDials(dials: Partial<SwitchDials>): Promise<void>
  membership(port: string): PortMembership
  /** All links go down, then it is back with the start-up configuration. */
  reboot(): Promise<void>
  stop(): Promise<void>
}

export async function startSwitch(options: SwitchOptions): Promise<SwitchServer> {
  const model = new SwitchModel(options)
  const dials = calm()
  const root = options.root ?? 'dell'
  const sources: ShowSources = { learned: () => [], neighbors: () => [], ...options.sources }
  let booting = false
  let stopped = false
  let server: Server | null = null
  let port = options.port ?? 8008

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    if (dials.delayMs > 0) await sleep(dials.delayMs, undefined, { ref: false })
    const answer = respond(request, body)
    const username = basicUser(request.headers.authorization, options.users)?.username
    if (username !== undefined)
      await options.beforeAnswer?.({ username, method: request.method ?? 'GET', body })
    response.writeHead(answer.status, { 'content-type': XML_TYPE, ...answer.headers })
    response.end(answer.status === 204 ? undefined : answer.body)
  }

  function respond(request: IncomingMessage, body: string): Answer {
    try {
      const user = basicUser(request.headers.authorization, options.users)
      if (user === undefined || dials.rejectPassword) {
        return {
          ...errorAnswer(401, 'Access denied.'),
          headers: { 'www-authenticate': 'Basic realm="Dell"' },
        }
      }
      if (spend(dials, 'refuseNext')) throw new HttpRefusal(500, 'Internal error.')
      if (request.headers['content-type']?.includes('json')) throw new HttpRefusal(415, `Send ${XML_TYPE}.`)
      const url = new URL(request.url ?? '/', 'http://switch')
      const { pathname: path, searchParams: query } = url
      const asked = { method: request.method ?? 'GET', path, query, body, level: user.level }
      return answerRest(asked, { model, root, sources, dials })
    } catch (error) {
      if (error instanceof HttpRefusal) return errorAnswer(error.status, error.message)
      return errorAnswer(500, String(error))
    }
  }

  async function listen(): Promise<void> {
    const next = createServer((request, response) => {
      handle(request, response).catch(() => response.destroy())
    })
    next.listen(port, options.address)
    await once(next, 'listening')
    const bound = next.address()
    if (bound !== null && typeof bound === 'object') port = bound.port
    server = next
  }

  async function hangUp(): Promise<void> {
    const current = server
    server = null
    if (current === null) return
    const closed = once(current, 'close')
    current.close()
    current.closeAllConnections()
    await closed
  }

  /** Brings the listening socket to what the dials and the power say. One at a time: they may be set in parallel. */
  let last: Promise<void> = Promise.resolve()
  function settle(): Promise<void> {
    last = last.then(async () => {
      const wanted = !dials.down && !booting && !stopped
      if (wanted && server === null) await listen()
      if (!wanted && server !== null) await hangUp()
    })
    return last
  }

  await settle()
  return {
    name: options.name,
    address: options.address,
    get port() {
      return port
    },
    root,
    users: options.users,
    model,
    dials,
    setDials(next) {
      Object.assign(dials, next)
      return settle()
    },
    membership: (name) => model.membership(name),
    async reboot() {
      booting = true
      model.powerDown()
      await settle()
      await options.bootTime?.()
      model.powerUp()
      booting = false
      await settle()
    },
    stop() {
      stopped = true
      return settle()
    },
  }
}
