import { z } from 'zod'
import { formatDiskLayout } from '../../domain/disk-layout.ts'
import type { Offering } from '../../domain/offering.ts'
import { createOffering, findOffering, offerings, removeOffering } from '../../services/catalogue.ts'
import type { Api, ApiContext } from '../context.ts'
import { answerOnce } from '../idempotency.ts'
import { pageByName } from '../paging.ts'
import { settled } from '../responses.ts'
import { newOffering, offering, offerings as offeringsPage } from '../schemas/catalogue.ts'
import { idempotencyHeaders, keyParam, pageQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'

export function offeringRoutes(api: Api, context: ApiContext): void {
  const { services } = context
  const tags = ['offerings']
  api.get(
    '/offerings',
    {
      schema: {
        operationId: 'listOfferings',
        tags,
        querystring: pageQuery,
        response: { 200: offeringsPage, ...problems() },
      },
    },
    async (request) => pageByName((await offerings(services)).map(shown), request.query),
  )
  api.post(
    '/offerings',
    {
      schema: {
        operationId: 'createOffering',
        tags,
        headers: idempotencyHeaders,
        body: newOffering,
        response: { 201: offering, ...problems() },
      },
    },
    async (request, reply) => {
      const answer = await answerOnce(context, request, async () =>
        settled(shown(await createOffering(services, request.body))),
      )
      return reply.code(201).send(answer.body)
    },
  )
  api.get(
    '/offerings/:key',
    {
      schema: {
        operationId: 'getOffering',
        tags,
        params: keyParam,
        response: { 200: offering, ...problems() },
      },
    },
    async (request) => shown(await findOffering(services, request.params.key)),
  )
  api.delete(
    '/offerings/:key',
    {
      schema: {
        operationId: 'removeOffering',
        tags,
        summary: 'Refused while an instance uses it',
        params: keyParam,
        response: { 204: z.undefined().describe('Removed'), ...problems() },
      },
    },
    async (request, reply) => {
      await removeOffering(services, request.params.key)
      return reply.code(204).send()
    },
  )
}

function shown({ diskLayout, ...offering }: Offering) {
  return { ...offering, diskLayout: diskLayout && formatDiskLayout(diskLayout) }
}
