import { z } from 'zod'
import { databaseFault } from '../../services/figures.ts'
import { search as searchOf } from '../../services/search.ts'
import { why as whyOf } from '../../services/why.ts'
import type { Api, ApiContext } from '../context.ts'
import { createMetrics } from '../metrics.ts'
import { addressParam } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'
import { found, health, maasHealth, searchQuery, settings, why, whyKind } from '../schemas/site.ts'

/** Without a token: load balancers and people ask it before anything else. */
export function healthRoute(api: Api, { services, mode, version }: ApiContext): void {
  api.get(
    '/health',
    {
      schema: {
        operationId: 'getHealth',
        tags: ['site'],
        security: [],
        response: { 200: health, ...problems(), 503: health.describe('The database does not answer') },
      },
    },
    async (_request, reply) => {
      const { enabled } = services.settings
      const fault = await databaseFault(services)
      if (fault)
        return reply
          .code(503)
          .send({ status: 'database-unreachable', version, enabled, reason: fault.message })
      const refusal = mode.refusal()
      if (refusal) {
        const status = refusal.code === 'recovery-mode' ? ('recovery' as const) : ('waiting' as const)
        return { status, version, enabled, reason: refusal.message }
      }
      return { status: 'ok' as const, version, enabled, reason: null }
    },
  )
}

export function siteRoutes(api: Api, context: ApiContext): void {
  const { services } = context
  const tags = ['site']
  const metrics = createMetrics(services, context.consoles, context.meters)
  api.get(
    '/settings',
    {
      schema: {
        operationId: 'getSettings',
        tags,
        summary: 'The configuration; secrets are named, never shown',
        response: { 200: settings, ...problems() },
      },
    },
    async () => context.settings(),
  )
  api.get(
    '/search',
    {
      schema: {
        operationId: 'search',
        tags,
        summary: 'Anything by a part of its name or address',
        querystring: searchQuery,
        response: { 200: found, ...problems() },
      },
    },
    async (request) => ({
      items: await searchOf(services, request.query.text, request.query.limit),
    }),
  )
  api.get(
    '/maas',
    {
      schema: {
        operationId: 'getMaas',
        tags,
        summary: 'The connection to MAAS: does each region controller answer, and take the API key',
        response: { 200: maasHealth, ...problems() },
      },
    },
    async () => ({ endpoints: await services.tools.maas.endpoints() }),
  )
  api.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        tags,
        summary: 'For Prometheus',
        response: {
          200: { description: 'Figures', content: { 'text/plain': { schema: z.string() } } },
          ...problems(),
        },
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  )
  api.get(
    '/why/:kind/:key',
    {
      schema: {
        operationId: 'why',
        tags,
        summary: 'What blocks it, since when, on what evidence, and the one safe action',
        params: z.strictObject({ kind: whyKind, ...addressParam.shape }),
        response: { 200: why, ...problems() },
      },
    },
    async (request) => whyOf(services, request.params.kind, request.params.key),
  )
}
