import { type Answer, API_HASH, json } from './answer.ts'
import type { Resource } from './call.ts'

/** GET describe/: the description from which older clients build themselves. Only what the lab answers is in it. */
export function describe(resources: Resource[], anonymous: Resource[], baseUrl: string): Answer {
  const names = [...new Set([...resources, ...anonymous].map((resource) => resource.name))]
  return json({
    doc: 'MAAS API',
    hash: API_HASH,
    resources: names.map((name) => {
      const authenticated = resources.find((resource) => resource.name === name)
      const open = anonymous.find((resource) => resource.name === name)
      return {
        name,
        anon: open === undefined ? null : view(open, `Anon${name}`, baseUrl),
        auth: authenticated === undefined ? null : view(authenticated, name, baseUrl),
      }
    }),
  })
}

const CRUD: Record<string, string> = { GET: 'read', POST: 'create', PUT: 'update', DELETE: 'delete' }

function view(resource: Resource, name: string, baseUrl: string) {
  const path = `/MAAS/api/2.0/${resource.path}`
  return {
    name,
    doc: name,
    path,
    uri: `${baseUrl}${path}`,
    params: [...resource.path.matchAll(/\{(\w+)\}/g)].map(([, param]) => param),
    actions: Object.keys(resource.handlers).map((key) => {
      const [method = 'GET', op] = key.split(' ')
      return { name: op ?? CRUD[method], doc: key, method, op: op ?? null, restful: op === undefined }
    }),
  }
}
