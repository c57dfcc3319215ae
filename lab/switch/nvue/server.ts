import {
  type How,
  type HttpAsk,
  type HttpFront,
  type HttpOptions,
  type HttpReply,
  type HttpServer,
  startHttpFront,
} from '../https/server.ts'
import type { SwitchportModel } from '../switchport/model.ts'
import { Nvued, type NvuedOptions } from './nvued.ts'
import { at, type Tree, wrapped } from './tree.ts'

export interface CumulusOptions extends HttpOptions, NvuedOptions {
  learned?: (port: string) => readonly { mac: string; vlan: number }[]
}

/** A Cumulus switch on the network: the REST interface of NVUE before, its ports behind. */
export interface CumulusServer {
  readonly http: HttpServer
  readonly nvued: Nvued
  readonly model: SwitchportModel
  stop(): Promise<void>
}

export async function startCumulus(options: CumulusOptions): Promise<CumulusServer> {
  const nvued = new Nvued(options)
  const learned = options.learned ?? (() => [])
  const front: HttpFront = {
    answer(ask, how) {
      nvued.saveLies = http.dials.saveLies
      return answer(nvued, learned, ask, how)
    },
  }
  const http = await startHttpFront(front, options)
  return {
    http,
    nvued,
    model: nvued.model,
    async stop() {
      nvued.stop()
      await http.stop()
    },
  }
}

type Learned = NonNullable<CumulusOptions['learned']>

function answer(nvued: Nvued, learned: Learned, ask: HttpAsk, how: How): HttpReply {
  const [root, ...path] = ask.path.split('/').filter(Boolean).map(decodeURIComponent)
  if (root !== 'nvue_v1') return { status: 404, body: 'Not Found' }
  if (ask.method === 'GET') return read(nvued, learned, path, ask.query)
  if (ask.user.readOnly) return problem(403, 'Forbidden', 'The user may only look.')
  const body = ask.body === '' ? {} : parse(ask.body)
  if (body === undefined) return problem(400, 'Bad Request', 'The body is no JSON.')
  if (ask.method !== 'POST' && !ask.contentType.includes('json')) {
    return problem(415, 'Unsupported Media Type', 'Send application/json.')
  }
  // one request of NVUE does one thing: there is no half of it
  if (how === 'half') return { status: 200, body: {} }
  return write(nvued, ask, path, body, how === 'pretend')
}

function write(
  nvued: Nvued,
  ask: HttpAsk,
  path: readonly string[],
  body: unknown,
  pretend: boolean,
): HttpReply {
  const [first, id] = path
  if (ask.method === 'POST' && first === 'revision' && id === undefined) {
    const made = pretend ? '999999' : nvued.create()
    return { status: 200, body: { [made]: shown('pending', '', null) } }
  }
  if (first === 'revision' && id !== undefined) return writeRevision(nvued, ask, id, body, pretend)
  if (ask.method !== 'PATCH') return problem(405, 'Method Not Allowed', ask.method)
  const rev = ask.query.get('rev') ?? ''
  const done = pretend || nvued.patch(rev, wrapped(path, body))
  return done ? { status: 200, body } : problem(404, 'Not Found', `There is no pending revision ${rev}.`)
}

function writeRevision(nvued: Nvued, ask: HttpAsk, id: string, body: unknown, pretend: boolean): HttpReply {
  const { state, 'auto-prompt': prompt } = body as { state?: string; 'auto-prompt'?: { ays?: string } }
  const missing = problem(404, 'Not Found', `There is no such revision ${id}.`)
  if (ask.method === 'DELETE') return pretend || nvued.discard(id) ? { status: 200, body: {} } : missing
  if (id === 'applied' && state === 'save') {
    if (!pretend) nvued.save()
    return { status: 200, body: shown('save', '', null) }
  }
  if (state !== 'apply') return problem(400, 'Bad Request', `A revision cannot be made ${state}.`)
  return pretend || nvued.apply(id, prompt?.ays) ? { status: 200, body: shown('apply', '', null) } : missing
}

function read(nvued: Nvued, learned: Learned, path: readonly string[], query: URLSearchParams): HttpReply {
  const missing = problem(404, 'Not Found', 'The requested item does not exist.')
  const [first, id] = path
  if (first === 'revision' && id !== undefined) {
    const revision = nvued.revision(id)
    if (revision === null) return missing
    return { status: 200, body: shown(revision.state, revision.progress, revision.issue) }
  }
  const rev = query.get('rev') ?? 'operational'
  if (query.get('diff') === 'applied') {
    const difference = nvued.difference(rev)
    return difference === null ? missing : { status: 200, body: difference }
  }
  const tree = rev === 'operational' ? operational(nvued, learned) : nvued.tree(rev)
  const found = tree === null ? null : at(tree, path)
  return found === null ? missing : { status: 200, body: found }
}

/** What the kernel has: types of interfaces, the bridge's ports with their VLANs, learned addresses. */
function operational(nvued: Nvued, learned: Learned): Tree {
  const ports: Tree = {}
  const table: Tree = {}
  for (const name of nvued.ports) {
    const { untagged, tagged } = nvued.model.membership(name)
    const vlan: Tree = {}
    for (const one of tagged) vlan[one] = { 'fwd-state': 'forwarding', 'tag-state': 'tagged' }
    if (untagged !== null) vlan[untagged] = { 'fwd-state': 'forwarding', 'tag-state': 'untagged' }
    ports[name] = { state: 'forwarding', vlan }
    for (const entry of learned(name)) {
      table[String(Object.keys(table).length + 1)] = {
        ...entry,
        interface: name,
        'bridge-domain': 'br_default',
        age: 1,
      }
    }
  }
  const kinds = nvued.ports.map((name) => [name, { type: 'swp' }])
  return {
    bridge: { domain: { br_default: { port: ports, 'mac-table': table } } },
    interface: { eth0: { type: 'eth' }, lo: { type: 'loopback' }, ...Object.fromEntries(kinds) },
  }
}

function shown(state: string, progress: string, issue: string | null): unknown {
  const data = issue === null ? {} : { '0': { code: 'config_invalid', message: issue, severity: 'error' } }
  return { state, transition: { issue: data, progress } }
}

function problem(status: number, title: string, detail: string): HttpReply {
  return { status, body: { type: 'about:blank', status, title, detail } }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
