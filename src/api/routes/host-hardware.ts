import { z } from 'zod'
import { hostEventLog, hostInventory, hostSensors, identifyHost } from '../../services/host-hardware.ts'
import type { Api, ApiContext } from '../context.ts'
import { keyParam } from '../schemas/common.ts'
import * as schemas from '../schemas/host-hardware.ts'
import { problems } from '../schemas/problem.ts'

/** What a host's BMC knows of its machine. Each is read from the BMC now, which takes seconds. */
export function hostHardwareRoutes(api: Api, { services }: ApiContext): void {
  const tags = ['hosts']
  const description = 'Read from the BMC now, which may take seconds. Needs protocol ipmi or redfish.'
  api.get(
    '/hosts/:key/inventory',
    {
      schema: {
        operationId: 'getHostInventory',
        tags,
        summary: 'What its BMC says that it is, and where that differs from what was commissioned',
        description,
        params: keyParam,
        response: { 200: schemas.hostInventory, ...problems() },
      },
    },
    async (request) => hostInventory(services, request.params.key),
  )
  api.get(
    '/hosts/:key/sensors',
    {
      schema: {
        operationId: 'listHostSensors',
        tags,
        summary: 'What its BMC measures and watches',
        description,
        params: keyParam,
        response: { 200: schemas.hostSensors, ...problems() },
      },
    },
    async (request) => ({ items: await hostSensors(services, request.params.key) }),
  )
  api.get(
    '/hosts/:key/event-log',
    {
      schema: {
        operationId: 'getHostEventLog',
        tags,
        summary: "The newest entries of its BMC's own log of the hardware",
        description,
        params: keyParam,
        querystring: schemas.eventLogQuery,
        response: { 200: schemas.hostEventLog, ...problems() },
      },
    },
    async (request) => ({ items: await hostEventLog(services, request.params.key, request.query.limit) }),
  )
  api.post(
    '/hosts/:key/identify',
    {
      schema: {
        operationId: 'identifyHost',
        tags,
        summary: 'Switch the light that a person in the room looks for',
        description: 'Recorded with who asked. Needs protocol ipmi or redfish.',
        params: keyParam,
        body: schemas.identifyBody,
        response: { 204: z.undefined().describe('Switched'), ...problems() },
      },
    },
    async (request, reply) => {
      await identifyHost(services, request.caller, request.params.key, request.body.seconds)
      return reply.code(204).send()
    },
  )
}
