import { z } from 'zod'
import { createNetwork, findNetwork, networks, removeNetwork } from '../../services/catalogue.ts'
import type { Api, ApiContext } from '../context.ts'
import { answerOnce } from '../idempotency.ts'
import { pageByName } from '../paging.ts'
import { settled } from '../responses.ts'
import { network, networks as networksPage, newNetwork } from '../schemas/catalogue.ts'
import { idempotencyHeaders, keyParam, pageQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'

export function networkRoutes(api: Api, context: ApiContext): void {
  const { services } = context
  const tags = ['networks']
  api.get(
    '/networks',
    {
      schema: {
        operationId: 'listNetworks',
        tags,
        querystring: pageQuery,
        response: { 200: networksPage, ...problems() },
      },
    },
    async (request) => pageByName(await networks(services), request.query),
  )
  api.post(
    '/networks',
    {
      schema: {
        operationId: 'createNetwork',
        tags,
        headers: idempotencyHeaders,
        body: newNetwork,
        response: { 201: network, ...problems() },
      },
    },
    async (request, reply) => {
      const answer = await answerOnce(context, request, async () =>
        settled(await createNetwork(services, request.body)),
      )
      return reply.code(201).send(answer.body)
    },
  )
  api.get(
    '/networks/:key',
    {
      schema: {
        operationId: 'getNetwork',
        tags,
        params: keyParam,
        response: { 200: network, ...problems() },
      },
    },
    async (request) => findNetwork(services, request.params.key),
  )
  api.delete(
    '/networks/:key',
    {
      schema: {
        operationId: 'removeNetwork',
        tags,
        summary: 'Refused while an instance uses it',
        params: keyParam,
        response: { 204: z.undefined().describe('Removed'), ...problems() },
      },
    },
    async (request, reply) => {
      await removeNetwork(services, request.params.key)
      return reply.code(204).send()
    },
  )
}
