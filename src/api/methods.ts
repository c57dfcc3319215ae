import type { FastifyInstance, FastifyRequest } from 'fastify'
import { FerruleError } from '../domain/errors.ts'

/** Which methods each path has, so that a wrong method is told from a wrong path. */
export function knownMethods(api: FastifyInstance): (request: FastifyRequest) => string[] {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>()
  api.addHook('onRoute', ({ url, method }) => {
    const pattern = new RegExp(`^${url.replace(/[.]/g, '\\.').replace(/:[A-Za-z]+/g, '[^/]+')}$`)
    const route = routes.get(url) ?? { pattern, methods: new Set<string>() }
    for (const one of [method].flat()) route.methods.add(one)
    routes.set(url, route)
  })
  return (request) => {
    const path = request.url.split('?')[0] ?? '/'
    const methods = [...routes.values()].flatMap((route) =>
      route.pattern.test(path) ? [...route.methods] : [],
    )
    return [...new Set(methods)].sort()
  }
}

export function noSuchRoute(request: FastifyRequest, methods: readonly string[]): FerruleError {
  const path = request.url.split('?')[0] ?? '/'
  if (methods.length > 0)
    return new FerruleError(
      'method-not-allowed',
      `${path.slice(0, 200)} has no method ${request.method}`,
      `It has ${methods.join(', ')}.`,
      { methods: [...methods] },
    )
  return new FerruleError(
    'not-found',
    `there is nothing at ${path.slice(0, 200)}`,
    'See /api/v1/openapi.json for all paths.',
  )
}
