import type { Region } from '../region.ts'
import { type Answer, badRequest, Refusal } from './answer.ts'
import type { OAuthGate } from './auth.ts'
import { unauthorized } from './auth.ts'
import type { Resource } from './call.ts'
import { describe } from './describe.ts'
import { eventsResource } from './events.ts'
import type { Form } from './form.ts'
import { interfaceResource, interfacesResource } from './interfaces.ts'
import { machineResource } from './machine.ts'
import { machinesResource, nodeResource, nodesResource } from './machines.ts'
import { miscResources, versionResource } from './misc.ts'
import { networkResources } from './networks.ts'
import { resultResources } from './results.ts'
import { scriptResources } from './scripts.ts'

export interface Incoming {
  method: string
  /** Without /MAAS/api/2.0/. */
  path: string
  query: Form
  form: Form
  authorization: string | undefined
  /** Scheme and host as the client wrote them. */
  origin: string
}

const RESOURCES: Resource[] = [
  machinesResource,
  machineResource,
  nodesResource,
  nodeResource,
  interfacesResource,
  interfaceResource,
  ...resultResources,
  ...networkResources,
  ...scriptResources,
  eventsResource,
  ...miscResources,
]

interface Route {
  resource: Resource
  pattern: RegExp
}

const ROUTES: Route[] = [versionResource, ...RESOURCES].map((resource) => ({
  resource,
  pattern: new RegExp(`^${resource.path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`),
}))

/** Finds the handler, checks the key, and turns refusals into answers. */
export async function route(region: Region, gate: OAuthGate, incoming: Incoming): Promise<Answer> {
  try {
    if (incoming.path === 'describe/') return describe(RESOURCES, [versionResource], incoming.origin)
    const { path, op } = splitOperation(incoming)
    const found = ROUTES.find(({ pattern }) => pattern.test(path))
    if (found === undefined) throw new Refusal(404, 'text/html; charset=utf-8', 'Not Found')
    if (found.resource !== versionResource) {
      if (region.dials.keyRejected) throw unauthorized('Invalid API key.')
      gate.check(incoming.authorization)
    }
    const { method } = incoming
    const handler = found.resource.handlers[op === undefined ? method : `${method} ${op}`]
    if (handler === undefined) throw badRequest(`Unrecognised signature: method=${method} op=${op ?? 'None'}`)
    const params = found.pattern.exec(path)?.slice(1) ?? []
    return await handler({
      region,
      user: region.adminUser,
      query: incoming.query,
      form: incoming.form,
      params,
    })
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    const text = error instanceof Error ? error.message : String(error)
    return { status: 500, contentType: 'text/plain; charset=utf-8', body: text, piston: false, headers: {} }
  }
}

/** `?op=`, a field `op`, or a last path part `op-NAME`. */
function splitOperation({ path, query, form }: Incoming): { path: string; op: string | undefined } {
  const suffix = /^(.*\/)op-(\w+)\/?$/.exec(path)
  if (suffix !== null) return { path: suffix[1] ?? path, op: suffix[2] }
  return { path, op: query.get('op') ?? form.get('op') }
}
