import type { FastifyRequest } from 'fastify'
import type { ErasePolicy } from '../../domain/offering.ts'
import { deployInstance } from '../../services/deploy.ts'
import { destroyInstance, findInstance, instances as listInstances } from '../../services/instances.ts'
import { sidesOfOne } from '../../services/three-sides.ts'
import type { Operation } from '../../store/operations.ts'
import type { Api, ApiContext } from '../context.ts'
import { type Answer, answerOnce, beginOnce } from '../idempotency.ts'
import { toInstance, toInstances } from '../instance-json.ts'
import { toOperation } from '../operation-json.ts'
import { nameOfCursor, pageOfNames } from '../paging.ts'
import { begun, orGone, settled } from '../responses.ts'
import { idempotencyHeaders, keyParam, pageQuery } from '../schemas/common.ts'
import {
  eraseQuery,
  type InstanceJson,
  instanceAccepted,
  instanceGone,
  instances,
  instanceWithSides,
  newDeploy,
} from '../schemas/instances.ts'
import type { OperationJson } from '../schemas/operations.ts'
import { problems } from '../schemas/problem.ts'

export function instanceRoutes(api: Api, context: ApiContext): void {
  const { services } = context
  const tags = ['instances']
  api.get(
    '/instances',
    {
      schema: {
        operationId: 'listInstances',
        tags,
        querystring: pageQuery,
        response: { 200: instances, ...problems() },
      },
    },
    async (request) => {
      const { limit, after } = request.query
      const found = await listInstances(services, {
        limit: limit + 1,
        ...(after === undefined ? {} : { after: nameOfCursor(after) }),
      })
      const { items, next } = pageOfNames(found, limit)
      return { items: await toInstances(services, items), next }
    },
  )
  api.post(
    '/instances',
    {
      schema: {
        operationId: 'deployInstance',
        tags,
        summary: 'Deploy an instance on a host that the planner chooses',
        headers: idempotencyHeaders,
        body: newDeploy,
        response: { 202: instanceAccepted, ...problems() },
      },
    },
    async (request, reply) => {
      const answer = await beginOnce(
        context,
        request,
        async () => (await deployInstance(services, request.caller, request.body)).operation,
        accepted,
      )
      return reply.code(202).headers(answer.headers).send(answer.body)
    },
  )
  api.get(
    '/instances/:key',
    {
      schema: {
        operationId: 'getInstance',
        tags,
        params: keyParam,
        response: { 200: instanceWithSides, ...problems() },
      },
    },
    async (request) => {
      const found = await findInstance(services, request.params.key)
      return { ...(await toInstance(services, found)), sides: await sidesOfOne(services, found) }
    },
  )
  api.delete(
    '/instances/:key',
    {
      schema: {
        operationId: 'destroyInstance',
        tags,
        summary: 'Destroy an instance and erase its disks',
        headers: idempotencyHeaders,
        params: keyParam,
        querystring: eraseQuery,
        response: {
          200: instanceGone.describe('It is gone already: nothing needs doing'),
          202: instanceAccepted,
          ...problems(),
        },
      },
    },
    async (request, reply) => {
      const answer = await answerOnce<{ instance: InstanceJson; operation: OperationJson | null }>(
        context,
        request,
        () => destroy(request, request.params.key, request.query.erase ?? null),
        accepted,
      )
      const { operation } = answer.body
      if (operation === null) return reply.code(200).send({ ...answer.body, operation })
      return reply
        .code(202)
        .headers(answer.headers)
        .send({ ...answer.body, operation })
    },
  )

  async function destroy(
    request: FastifyRequest,
    key: string,
    policy: ErasePolicy | null,
  ): Promise<Answer<{ instance: InstanceJson; operation: OperationJson | null }>> {
    const { operation, instance } = await destroyInstance(services, request.caller, key, policy)
    const json = await toInstance(services, instance)
    if (operation === null) return settled({ instance: json, operation: null })
    return begun(operation, { instance: json, operation: toOperation(operation) })
  }

  async function accepted(operation: Operation) {
    const found = await orGone(operation, findInstance(services, operation.instanceId ?? ''))
    return begun(operation, {
      instance: await toInstance(services, found),
      operation: toOperation(operation),
    })
  }
}
