import type { ManagementController } from '../bmc/controller.ts'
import { type Account, Accounts, has, type Privilege } from './accounts.ts'
import { defaultRedfishDials, type RedfishDials } from './dials.ts'
import {
  allowed,
  checkProtocol,
  describedBy,
  parseBody,
  type RedfishRequest,
  type RedfishResponse,
  respond,
  tags,
  withEtag,
} from './http.ts'
import { errorBody, message, RedfishError } from './messages.ts'
import { applyPatch } from './patch.ts'
import { type Exchange, etagOf, type Json, ROOT, type Route, type Service } from './resource.ts'
import { metadata } from './resources/root.ts'
import { TASK_MONITOR, taskResource } from './resources/tasks.ts'
import { findRoute } from './routes.ts'
import { type Session, Sessions } from './sessions.ts'
import { Tasks } from './tasks.ts'

interface ServiceOptions {
  /** UDP port of IPMI on the same address; null: there is none. */
  ipmiPort: number | null
  /** TCP port of SSH on the same address; null: there is none. */
  sshPort: number | null
  port: () => number
}

/** One BMC's Redfish service without its sockets: request in, response out. */
export class RedfishService {
  readonly dials: RedfishDials = defaultRedfishDials()
  private readonly parts: Service

  constructor(controller: ManagementController, { ipmiPort, sshPort, port }: ServiceOptions) {
    const sessions = new Sessions(controller.now)
    this.parts = {
      controller,
      dials: this.dials,
      accounts: new Accounts(controller.machine.bmc),
      sessions,
      tasks: new Tasks(controller.now),
      labels: { asset: '' },
      ipmiPort,
      sshPort,
      port,
    }
    controller.onRestart(() => sessions.clear())
  }

  /** Other services of the BMC have the same accounts. */
  mayUseConsole(username: string, password: string): boolean {
    const account = this.parts.accounts.authenticate(username, password)
    return account !== null && !account.passwordChangeRequired && has(account, 'ConfigureComponents')
  }

  handle(request: RedfishRequest): RedfishResponse {
    try {
      const [path = '/', query = ''] = request.url.split('?', 2)
      const bare = path.length > 1 ? path.replace(/\/$/, '') : path
      return this.fault() ?? this.answer(request, bare, new URLSearchParams(query))
    } catch (error) {
      if (!(error instanceof RedfishError)) throw error
      const headers = error.status === 401 ? { 'WWW-Authenticate': 'Basic realm="BMC"' } : {}
      return respond(request, error.status, errorBody(error.messages), { ...headers, ...error.headers })
    }
  }

  /** What the dials do to a request whatever it asks. */
  private fault(): null {
    const { dials } = this
    if (dials.errorNext > 0) {
      dials.errorNext -= 1
      throw new RedfishError(500, [message('InternalError')])
    }
    if (dials.busyNext > 0) {
      dials.busyNext -= 1
      const seconds = String(dials.retryAfterS)
      throw new RedfishError(503, [message('ServiceTemporarilyUnavailable', seconds)], {
        'Retry-After': seconds,
      })
    }
    return null
  }

  private answer(request: RedfishRequest, path: string, query: URLSearchParams): RedfishResponse {
    if (path === '/redfish') {
      if (request.method === 'GET' || request.method === 'HEAD')
        return respond(request, 200, { v1: `${ROOT}/` }, { Allow: 'GET, HEAD' })
      throw notAllowed('GET, HEAD')
    }
    const below = path.startsWith(ROOT) ? path.slice(ROOT.length) : null
    const login = this.logIn(request)
    if (below === '/$metadata' && (request.method === 'GET' || request.method === 'HEAD'))
      return respond(request, 200, metadata(), {
        'Content-Type': 'application/xml;charset=utf-8',
        Allow: 'GET, HEAD',
      })
    const found = below === null ? null : this.find(below, request.method)
    // Whoever is not logged in is not told either what there is.
    const isLogin = found?.route.post?.privilege === null && request.method === 'POST'
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (login === null && !isLogin && !(found?.route.open && isRead))
      throw new RedfishError(401, [message('NoValidSession')])
    if (below?.startsWith(TASK_MONITOR)) return this.monitor(request, below)
    if (found === null) throw new RedfishError(404, [message('ResourceMissingAtURI', path)])
    const { route, params } = found
    const x: Exchange = {
      service: this.parts,
      param: (name) => params.get(name) ?? '',
      account: login?.account ?? null,
      session: login?.session ?? null,
      body: isRead ? {} : parseBody(request),
    }
    checkProtocol(request, query)
    if (!route.open) this.checkPasswordChange(x, request, path)
    return this.run(route, x, request, path)
  }

  /** POST to `…/Members` is the same as to the collection (DSP0266, "POST (create)"). */
  private find(below: string, method: string): ReturnType<typeof findRoute> {
    const hidden = this.dials.basicOnly && below.startsWith('/SessionService')
    if (hidden) return null
    const members = method === 'POST' && below.endsWith('/Members')
    return findRoute(members ? below.slice(0, -'/Members'.length) : below)
  }

  private run(route: Route, x: Exchange, request: RedfishRequest, path: string): RedfishResponse {
    const { method } = request
    if (method === 'POST' && route.post) {
      if (route.post.privilege !== null) allow(x, route.post.privilege)
      const { status, headers, body } = route.post.run(x)
      return respond(request, status, body ?? null, headers ?? {})
    }
    const current = route.get(x)
    const methods = allowed(route, current !== null)
    if (current === null && (route.post === undefined || method === 'GET' || method === 'HEAD')) {
      if (route.post !== undefined) throw notAllowed(methods)
      throw new RedfishError(404, [message('ResourceMissingAtURI', path)])
    }
    if (method === 'GET' || method === 'HEAD') {
      if (!route.open) allow(x, 'Login')
      return read(request, route, current ?? {}, methods)
    }
    if (method === 'PATCH' && route.patch && current !== null) {
      allow(x, route.patch.privilege(x))
      this.checkEtag(request, current)
      const { body, messages } = applyPatch(x.body, route.patch.setters(x), current, () => route.get(x) ?? {})
      if (messages !== null) throw new RedfishError(400, messages)
      return respond(request, 200, withEtag(body), { ETag: etagOf(route.get(x) ?? {}) })
    }
    if (method === 'DELETE' && route.delete && current !== null) {
      allow(x, route.delete.privilege(x))
      const { status, headers } = route.delete.run(x)
      return respond(request, status, null, headers ?? {})
    }
    throw notAllowed(methods)
  }

  /** Null: no credentials, or wrong ones. */
  private logIn(request: RedfishRequest): { account: Account; session: Session | null } | null {
    const { accounts, sessions, controller } = this.parts
    const token = request.headers['x-auth-token']
    if (token !== undefined) {
      const session = sessions.use(token)
      if (session === null || this.dials.basicOnly) return null
      if (this.dials.forgetNext > 0) {
        this.dials.forgetNext -= 1
        sessions.close(session.id)
        return null
      }
      return { account: session.account, session }
    }
    const [, encoded] = /^Basic +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
    if (encoded === undefined || controller.dials.rejectPassword) return null
    const text = Buffer.from(encoded, 'base64').toString()
    const colon = text.indexOf(':')
    const account = colon < 0 ? null : accounts.authenticate(text.slice(0, colon), text.slice(colon + 1))
    return account === null ? null : { account, session: null }
  }

  /** With a password that must be changed, one can look at the own account, change it, and nothing else. */
  private checkPasswordChange(
    { account, service }: Exchange,
    { method }: RedfishRequest,
    path: string,
  ): void {
    if (!account?.passwordChangeRequired) return
    const own = `${ROOT}/AccountService/Accounts/${account.id}`
    const ownSession = service.sessions
      .all()
      .some(
        (session) => session.account === account && path === `${ROOT}/SessionService/Sessions/${session.id}`,
      )
    if (path === own && (method === 'GET' || method === 'PATCH')) return
    if (ownSession && method === 'DELETE') return
    if (path === `${ROOT}/SessionService/Sessions` && method === 'POST') return
    throw new RedfishError(403, [message('PasswordChangeRequired', own)])
  }

  private checkEtag(request: RedfishRequest, current: Json): void {
    const wanted = request.headers['if-match']
    if (wanted === undefined) {
      if (this.dials.needsIfMatch) throw new RedfishError(428, [message('PreconditionRequired')])
      return
    }
    if (wanted !== '*' && !tags(wanted).includes(etagOf(current)))
      throw new RedfishError(412, [message('PreconditionFailed')])
  }

  private monitor(request: RedfishRequest, below: string): RedfishResponse {
    const { tasks } = this.parts
    const task = tasks.find(below.slice(TASK_MONITOR.length))
    if (task === undefined) throw new RedfishError(404, [message('ResourceMissingAtURI', `${ROOT}${below}`)])
    if (request.method !== 'GET' && request.method !== 'HEAD') throw notAllowed('GET, HEAD')
    if (tasks.done(task)) return respond(request, 204, null, { Allow: 'GET, HEAD' })
    const headers = { Location: `${ROOT}${below}`, 'Retry-After': '1', Allow: 'GET, HEAD' }
    return respond(request, 202, taskResource(this.parts, task), headers)
  }
}

function read(request: RedfishRequest, route: Route, current: Json, methods: string): RedfishResponse {
  const headers: Record<string, string> = { Allow: methods, ...describedBy(current) }
  // Only what can be changed has an ETag: readings change all the time.
  if (route.patch === undefined) return respond(request, 200, current, headers)
  const etag = etagOf(current)
  headers.ETag = etag
  const known = request.headers['if-none-match']
  if (known !== undefined && (known === '*' || tags(known).includes(etag)))
    return respond(request, 304, null, headers)
  return respond(request, 200, withEtag(current), headers)
}

function allow({ account }: Exchange, privilege: Privilege): void {
  if (account === null || !has(account, privilege))
    throw new RedfishError(403, [message('InsufficientPrivilege')])
}

function notAllowed(methods: string): RedfishError {
  return new RedfishError(405, [message('OperationNotAllowed')], { Allow: methods })
}
