import {
  cancelOperation,
  operations as listOperations,
  operationView,
  operationRecord as recordOf,
  retryOperation,
  skipStep,
} from '../../services/operations.ts'
import type { Api, ApiContext } from '../context.ts'
import { answerOnce } from '../idempotency.ts'
import { toOperation, toOperationWithSteps } from '../operation-json.ts'
import { pageByNumber } from '../paging.ts'
import { begun } from '../responses.ts'
import { idempotencyHeaders, operationParam } from '../schemas/common.ts'
import {
  cancelBody,
  operation,
  operationRecord,
  operationsPage,
  operationsQuery,
  operationWithSteps,
  skipBody,
} from '../schemas/operations.ts'
import { problems } from '../schemas/problem.ts'
import { eventStream } from '../schemas/stream.ts'
import { streamOperation } from '../streams.ts'

export function operationRoutes(api: Api, context: ApiContext): void {
  const { services } = context
  const tags = ['operations']
  api.get(
    '/operations',
    {
      schema: {
        operationId: 'listOperations',
        tags,
        summary: 'Newest first',
        querystring: operationsQuery,
        response: { 200: operationsPage, ...problems() },
      },
    },
    async (request) => {
      const { limit, before, instanceId, hostId, text, live } = request.query
      const found = await listOperations(services, {
        limit: limit + 1,
        live: live === 'true',
        ...(before === undefined ? {} : { before: Number(before) }),
        ...(instanceId === undefined ? {} : { instanceId }),
        ...(hostId === undefined ? {} : { hostId }),
        ...(text === undefined ? {} : { text }),
      })
      return pageByNumber(found.map(toOperation), limit, (one) => one.number)
    },
  )
  api.get(
    '/operations/:key',
    {
      schema: {
        operationId: 'getOperation',
        tags,
        params: operationParam,
        response: { 200: operationWithSteps, ...problems() },
      },
    },
    async (request) => toOperationWithSteps(await operationView(services, request.params.key)),
  )
  api.get(
    '/operations/:key/record',
    {
      schema: {
        operationId: 'getOperationRecord',
        tags,
        summary: 'All that is recorded of it, to be kept or sent: without secrets',
        params: operationParam,
        response: { 200: operationRecord, ...problems() },
      },
    },
    async (request, reply) => {
      const { operation: view, events } = await recordOf(services, request.params.key)
      reply.header('content-disposition', `attachment; filename="ferrule-${view.kind}-${view.number}.json"`)
      return {
        recordedAt: new Date().toISOString(),
        version: context.version,
        operation: toOperationWithSteps(view),
        events,
      }
    },
  )
  api.get(
    '/operations/:key/events',
    {
      schema: {
        operationId: 'watchOperation',
        tags,
        summary: 'Server-sent events: "operation" after every change, "event"; ends when the operation ends',
        params: operationParam,
        response: { 200: eventStream, ...problems() },
      },
    },
    async (request, reply) => {
      await streamOperation(context, reply, request.params.key)
      return reply
    },
  )
  api.post(
    '/operations/:key/cancel',
    {
      schema: {
        operationId: 'cancelOperation',
        tags,
        summary: 'Ask it to stop and to undo what it did',
        headers: idempotencyHeaders,
        params: operationParam,
        body: cancelBody,
        response: { 202: operation, ...problems() },
      },
    },
    async (request, reply) => {
      const answer = await answerOnce(context, request, async () => {
        const reason = request.body?.reason
        const { key } = request.params
        const asked = await cancelOperation(services, request.caller, key, reason)
        return begun(asked, toOperation(asked))
      })
      return reply.code(202).headers(answer.headers).send(answer.body)
    },
  )
  api.post(
    '/operations/:key/retry',
    {
      schema: {
        operationId: 'retryOperation',
        tags,
        summary: 'End the pause of the step that is being tried again',
        headers: idempotencyHeaders,
        params: operationParam,
        response: { 202: operation, ...problems() },
      },
    },
    async (request, reply) => {
      const answer = await answerOnce(context, request, async () => {
        const retried = await retryOperation(services, request.caller, request.params.key)
        return begun(retried, toOperation(retried))
      })
      return reply.code(202).headers(answer.headers).send(answer.body)
    },
  )
  api.post(
    '/operations/:key/skip',
    {
      schema: {
        operationId: 'skipStep',
        tags,
        summary: 'Skip the step that it is parked at, where it says what follows',
        headers: idempotencyHeaders,
        params: operationParam,
        body: skipBody,
        response: { 202: operation, ...problems() },
      },
    },
    async (request, reply) => {
      const answer = await answerOnce(context, request, async () => {
        const { step, reason } = request.body
        const skipped = await skipStep(services, request.caller, request.params.key, step, reason)
        return begun(skipped, toOperation(skipped))
      })
      return reply.code(202).headers(answer.headers).send(answer.body)
    },
  )
}
