import { z } from 'zod'
import { findTemplate, registerTemplate, removeTemplate, templates } from '../../services/catalogue.ts'
import type { Api, ApiContext } from '../context.ts'
import { answerOnce } from '../idempotency.ts'
import { pageByName } from '../paging.ts'
import { settled } from '../responses.ts'
import { newTemplate, template, templates as templatesPage } from '../schemas/catalogue.ts'
import { idempotencyHeaders, keyParam, pageQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'

export function templateRoutes(api: Api, context: ApiContext): void {
  const { services } = context
  const tags = ['templates']
  api.get(
    '/templates',
    {
      schema: {
        operationId: 'listTemplates',
        tags,
        querystring: pageQuery,
        response: { 200: templatesPage, ...problems() },
      },
    },
    async (request) => pageByName(await templates(services), request.query),
  )
  api.post(
    '/templates',
    {
      schema: {
        operationId: 'registerTemplate',
        tags,
        headers: idempotencyHeaders,
        body: newTemplate,
        response: { 201: template, ...problems() },
      },
    },
    async (request, reply) => {
      const answer = await answerOnce(context, request, async () =>
        settled(await registerTemplate(services, request.body)),
      )
      return reply.code(201).send(answer.body)
    },
  )
  api.get(
    '/templates/:key',
    {
      schema: {
        operationId: 'getTemplate',
        tags,
        params: keyParam,
        response: { 200: template, ...problems() },
      },
    },
    async (request) => findTemplate(services, request.params.key),
  )
  api.delete(
    '/templates/:key',
    {
      schema: {
        operationId: 'removeTemplate',
        tags,
        summary: 'Refused while an instance uses it',
        params: keyParam,
        response: { 204: z.undefined().describe('Removed'), ...problems() },
      },
    },
    async (request, reply) => {
      await removeTemplate(services, request.params.key)
      return reply.code(204).send()
    },
  )
}
