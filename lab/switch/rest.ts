import type { Answer } from './answer.ts'
import { HttpRefusal } from './answer.ts'
import type { Edit } from './apply.ts'
import { applyEdits } from './apply.ts'
import type { SwitchDials } from './dials.ts'
import type { SwitchModel } from './model.ts'
import { runCli } from './rest-cli.ts'
import { interfaceAnswer, interfaceEdits, portInUrl } from './rest-interface.ts'
import { deleteVlan, mergeVlan, parseVlanBody, replaceVlan, vlanAnswer, vlanId } from './rest-vlan.ts'
import type { ShowSources } from './show.ts'
import { parseXml, tag } from './xml.ts'

/** 'ftos' up to FTOS 9.1, 'dell' since then: the same tree under another root. */
export type RestRoot = 'ftos' | 'dell'

export interface RestRequest {
  method: string
  path: string
  query: URLSearchParams
  body: string
  /** Privilege of the user: 0 and 1 may only read. */
  level: number
}

export interface RestSwitch {
  model: SwitchModel
  root: RestRoot
  sources: ShowSources
  dials: SwitchDials
}

/** Answers one authenticated request. Throws HttpRefusal. */
export function answerRest(request: RestRequest, to: RestSwitch): Answer {
  const prefix = `/api/running/${to.root}`
  if (request.path !== prefix && !request.path.startsWith(`${prefix}/`))
    throw new HttpRefusal(404, 'No such resource.')
  const parts = request.path
    .slice(prefix.length)
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent)
  const mayWrite = request.level >= 2
  const namespace = `http://www.dell.com/ns/${to.root}:0.1/root`
  const [first, second, third] = parts
  if (first === '_operations' && second === 'cli' && parts.length === 2) {
    if (request.method !== 'POST') throw new HttpRefusal(405, 'Only POST.')
    return runCli(parseXml(request.body), to.model, to.sources, to.dials, namespace, mayWrite)
  }
  if (request.method !== 'GET' && !mayWrite)
    throw new HttpRefusal(403, 'The privilege level of this user is too low.')
  if (parts.length === 0) return rootAnswer(request, to, namespace)
  if (first === 'interface' && second === undefined) return createVlan(request, to, prefix)
  if (first === 'interface' && second === 'vlan' && third !== undefined && parts.length === 3) {
    return vlanResource(request, to, vlanId(third), namespace)
  }
  if (first === 'interfaces' && second === 'interface' && third !== undefined && parts.length === 3) {
    return interfaceResource(request, to, third, namespace)
  }
  throw new HttpRefusal(404, 'No such resource.')
}

function rootAnswer(request: RestRequest, { model, root }: RestSwitch, namespace: string): Answer {
  if (request.method !== 'GET') throw new HttpRefusal(405, 'Only GET.')
  return { status: 200, body: `<${root} xmlns="${namespace}">${tag('hostname', model.name)}</${root}>` }
}

function createVlan(request: RestRequest, { model, dials }: RestSwitch, prefix: string): Answer {
  if (request.method !== 'POST') throw new HttpRefusal(405, 'Only POST.')
  const body = parseVlanBody(parseXml(request.body), model.running)
  if (model.running.vlans.has(body.id)) throw new HttpRefusal(409, `Vlan ${body.id} exists.`)
  applyEdits(model, replaceVlan(model.running, body), dials)
  return { status: 201, body: '', headers: { location: `${prefix}/interface/vlan/${body.id}` } }
}

function vlanResource(
  request: RestRequest,
  { model, dials }: RestSwitch,
  id: number,
  namespace: string,
): Answer {
  if (request.method === 'GET') return vlanAnswer(model.running, id, namespace)
  const known = model.running.vlans.has(id)
  const edits = vlanEdits(request, model, id)
  applyEdits(model, edits, dials)
  return { status: request.method === 'PUT' && !known ? 201 : 204, body: '' }
}

function vlanEdits(request: RestRequest, model: SwitchModel, id: number): Edit[] {
  if (request.method === 'DELETE') return deleteVlan(model.running, id)
  if (request.method !== 'PUT' && request.method !== 'PATCH')
    throw new HttpRefusal(405, 'Not a method of this resource.')
  const body = parseVlanBody(parseXml(request.body), model.running)
  if (body.id !== id) throw new HttpRefusal(400, `<vlan-id> is not ${id}.`)
  if (request.method === 'PUT') return replaceVlan(model.running, body)
  if (!model.running.vlans.has(id)) throw new HttpRefusal(404, `Vlan ${id} does not exist.`)
  return mergeVlan(model.running, body)
}

function interfaceResource(
  request: RestRequest,
  { model, dials }: RestSwitch,
  name: string,
  namespace: string,
): Answer {
  const port = portInUrl(model.running, name)
  if (request.method === 'GET') {
    return interfaceAnswer(model.running, port, request.query.has('with-defaults'), namespace)
  }
  if (request.method !== 'PUT' && request.method !== 'PATCH')
    throw new HttpRefusal(405, 'Not a method of this resource.')
  applyEdits(
    model,
    interfaceEdits(parseXml(request.body), model.running, port, request.method === 'PUT'),
    dials,
  )
  return { status: 204, body: '' }
}
