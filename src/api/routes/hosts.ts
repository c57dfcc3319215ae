import { z } from 'zod'
import {
  addHost,
  eraseHost,
  hostCertificates,
  hostView,
  hostViews,
  removeHost,
} from '../../services/hosts.ts'
import type { Operation } from '../../store/operations.ts'
import type { Api, ApiContext } from '../context.ts'
import { beginOnce } from '../idempotency.ts'
import { toOperation } from '../operation-json.ts'
import { nameOfCursor, pageOfNames } from '../paging.ts'
import { begun, orGone, started } from '../responses.ts'
import { idempotencyHeaders, keyParam } from '../schemas/common.ts'
import { certificates, eraseBody, host, hostAccepted, hosts, hostsQuery, newHost } from '../schemas/hosts.ts'
import { operation } from '../schemas/operations.ts'
import { problems } from '../schemas/problem.ts'

export function hostRoutes(api: Api, context: ApiContext): void {
  const { services } = context
  const tags = ['hosts']
  api.get(
    '/hosts',
    {
      schema: {
        operationId: 'listHosts',
        tags,
        querystring: hostsQuery,
        response: { 200: hosts, ...problems() },
      },
    },
    async (request) => {
      const { limit, after, ...where } = request.query
      const found = await hostViews(services, {
        limit: limit + 1,
        ...where,
        ...(after === undefined ? {} : { after: nameOfCursor(after) }),
      })
      return pageOfNames(found, limit)
    },
  )
  api.post(
    '/hosts',
    {
      schema: {
        operationId: 'addHost',
        tags,
        summary: 'Add a host: enlist a new machine, or adopt one that MAAS has',
        headers: idempotencyHeaders,
        body: newHost,
        response: { 202: hostAccepted, ...problems() },
      },
    },
    async (request, reply) => {
      const answer = await beginOnce(
        context,
        request,
        async () => (await addHost(services, request.caller, request.body)).operation,
        accepted,
      )
      return reply.code(202).headers(answer.headers).send(answer.body)
    },
  )
  api.get(
    '/hosts/:key',
    {
      schema: { operationId: 'getHost', tags, params: keyParam, response: { 200: host, ...problems() } },
    },
    async (request) => hostView(services, request.params.key),
  )
  api.delete(
    '/hosts/:key',
    {
      schema: {
        operationId: 'removeHost',
        tags,
        summary: 'Remove a host; its machine stays in MAAS',
        params: keyParam,
        response: { 204: z.undefined().describe('Removed'), ...problems() },
      },
    },
    async (request, reply) => {
      await removeHost(services, request.caller, request.params.key)
      return reply.code(204).send()
    },
  )
  api.post(
    '/hosts/:key/erase',
    {
      schema: {
        operationId: 'eraseHost',
        tags,
        summary: 'Erase a host that carries no instance',
        headers: idempotencyHeaders,
        params: keyParam,
        body: eraseBody,
        response: { 202: operation, ...problems() },
      },
    },
    async (request, reply) => {
      const policy = request.body?.erase ?? null
      const answer = await beginOnce(
        context,
        request,
        () => eraseHost(services, request.caller, request.params.key, policy),
        started,
      )
      return reply.code(202).headers(answer.headers).send(answer.body)
    },
  )
  api.get(
    '/hosts/:key/certificates',
    {
      schema: {
        operationId: 'listCertificates',
        tags,
        summary: 'What was proven about its disks, newest first',
        params: keyParam,
        response: { 200: certificates, ...problems() },
      },
    },
    async (request) => ({ items: await hostCertificates(services, request.params.key) }),
  )

  async function accepted(operation: Operation) {
    const added = await orGone(operation, hostView(services, operation.hostId ?? ''))
    return begun(operation, { host: added, operation: toOperation(operation) })
  }
}
