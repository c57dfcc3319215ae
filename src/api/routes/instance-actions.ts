import { z } from 'zod'
import {
  attachNetwork,
  detachNetwork,
  rebootInstance,
  startInstance,
  stopInstance,
} from '../../services/instances.ts'
import { reinstallInstance } from '../../services/reinstall.ts'
import type { Api, ApiContext } from '../context.ts'
import { beginOnce } from '../idempotency.ts'
import { started } from '../responses.ts'
import { idempotencyHeaders, keyParam } from '../schemas/common.ts'
import { nicRequest, reinstallBody } from '../schemas/instances.ts'
import { operation } from '../schemas/operations.ts'
import { problems } from '../schemas/problem.ts'

const actions = {
  start: { run: startInstance, summary: 'Power on; the ports come back into the tenant VLANs' },
  stop: { run: stopInstance, summary: 'Power off; the ports leave the tenant VLANs' },
  reboot: { run: rebootInstance, summary: 'Off and on again' },
}

const detachParam = z.strictObject({ ...keyParam.shape, network: keyParam.shape.key })

export function instanceActionRoutes(api: Api, context: ApiContext): void {
  const { services } = context
  const tags = ['instances']
  for (const [action, { run, summary }] of Object.entries(actions)) {
    api.post(
      `/instances/:key/${action}`,
      {
        schema: {
          operationId: `${action}Instance`,
          tags,
          summary,
          headers: idempotencyHeaders,
          params: keyParam,
          response: { 202: operation, ...problems() },
        },
      },
      async (request, reply) => {
        const answer = await beginOnce(
          context,
          request,
          () => run(services, request.caller, request.params.key),
          started,
        )
        return reply.code(202).headers(answer.headers).send(answer.body)
      },
    )
  }
  api.post(
    '/instances/:key/reinstall',
    {
      schema: {
        operationId: 'reinstallInstance',
        tags,
        summary: 'Erase its disks and install a system anew on the same host',
        headers: idempotencyHeaders,
        params: keyParam,
        body: reinstallBody,
        response: { 202: operation, ...problems() },
      },
    },
    async (request, reply) => {
      const answer = await beginOnce(
        context,
        request,
        () => reinstallInstance(services, request.caller, request.params.key, request.body ?? {}),
        started,
      )
      return reply.code(202).headers(answer.headers).send(answer.body)
    },
  )
  api.post(
    '/instances/:key/networks',
    {
      schema: {
        operationId: 'attachNetwork',
        tags,
        summary: 'Attach a network, as a tagged VLAN',
        headers: idempotencyHeaders,
        params: keyParam,
        body: nicRequest.omit({ isDefault: true }).meta({ id: 'AttachRequest' }),
        response: { 202: operation, ...problems() },
      },
    },
    async (request, reply) => {
      const answer = await beginOnce(
        context,
        request,
        () => attachNetwork(services, request.caller, request.params.key, request.body),
        started,
      )
      return reply.code(202).headers(answer.headers).send(answer.body)
    },
  )
  api.delete(
    '/instances/:key/networks/:network',
    {
      schema: {
        operationId: 'detachNetwork',
        tags,
        summary: 'Detach a network; the default one stays',
        headers: idempotencyHeaders,
        params: detachParam,
        response: { 202: operation, ...problems() },
      },
    },
    async (request, reply) => {
      const { key, network } = request.params
      const answer = await beginOnce(
        context,
        request,
        () => detachNetwork(services, request.caller, key, network),
        started,
      )
      return reply.code(202).headers(answer.headers).send(answer.body)
    },
  )
}
