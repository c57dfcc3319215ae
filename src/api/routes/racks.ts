import { z } from 'zod'
import { FerruleError } from '../../domain/errors.ts'
import { discoverCables, rackCables as rackCablesOf } from '../../services/cable-truth.ts'
import { CableWatch } from '../../services/cable-watch.ts'
import { applyRack, checkRack, rackView, rackViews, removeRack } from '../../services/racks.ts'
import type { Api, ApiContext } from '../context.ts'
import { refuseDeepText } from '../input-check.ts'
import { pageByName } from '../paging.ts'
import { keyParam, name } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'
import {
  cableSummary,
  rack,
  rackCables,
  rackCheck,
  rackDiscovery,
  racks,
  racksQuery,
} from '../schemas/racks.ts'

/** Of the same name as in the other routes: the path is one. */
const nameParam = z.strictObject({ key: name.describe('Name of the rack configuration') })

export function rackRoutes(api: Api, { services }: ApiContext): void {
  api.get(
    '/racks',
    {
      schema: {
        operationId: 'listRacks',
        tags: ['racks'],
        querystring: racksQuery,
        response: { 200: racks, ...problems() },
      },
    },
    async (request) => {
      const { text, ...page } = request.query
      const all = await rackViews(services)
      const wanted = text?.toLowerCase()
      const named = ({ name, switches }: (typeof all)[number]) =>
        [name, ...switches.map(({ address }) => address)].some((one) =>
          one.toLowerCase().includes(wanted ?? ''),
        )
      return pageByName(all.filter(named), page)
    },
  )
  const cables = new CableWatch(services)
  api.get(
    '/cables',
    {
      schema: {
        operationId: 'getCables',
        tags: ['racks'],
        summary: 'Of the whole site: cables that LLDP heard elsewhere than their rack files say',
        response: { 200: cableSummary, ...problems() },
      },
    },
    async () => cables.summary(),
  )
  api.get(
    '/rack-discovery',
    {
      schema: {
        operationId: 'discoverRacks',
        tags: ['racks'],
        summary: 'A rack file of the cables that LLDP heard at each last commissioning',
        response: { 200: rackDiscovery, ...problems() },
      },
    },
    async () => discoverCables(services),
  )
  api.get(
    '/racks/:key',
    {
      schema: {
        operationId: 'getRack',
        tags: ['racks'],
        params: keyParam,
        response: { 200: rack, ...problems() },
      },
    },
    async (request) => rackView(services, request.params.key),
  )
  api.get(
    '/racks/:key/cables',
    {
      schema: {
        operationId: 'getRackCables',
        tags: ['racks'],
        summary:
          'Which cables are where the rack file says, by LLDP of each last commissioning and by what the switches have learned',
        params: keyParam,
        response: { 200: rackCables, ...problems() },
      },
    },
    async (request) => rackCablesOf(services, request.params.key),
  )
  api.delete(
    '/racks/:key',
    {
      schema: {
        operationId: 'removeRack',
        tags: ['racks'],
        params: keyParam,
        response: { 204: z.undefined().describe('Removed'), ...problems() },
      },
    },
    async (request, reply) => {
      await removeRack(services, request.caller, request.params.key)
      return reply.code(204).send()
    },
  )
}

/** In a room of its own: here every body stays text, so that faults can be told by their lines. */
export function rackFileRoute(api: Api, { services }: ApiContext): void {
  api.removeAllContentTypeParsers()
  api.addContentTypeParser(
    ['application/json', 'application/yaml', 'text/plain'],
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  )
  api.put(
    '/racks/:key',
    {
      schema: {
        operationId: 'applyRack',
        tags: ['racks'],
        summary: 'Apply a rack configuration: all of it or nothing',
        params: nameParam,
        response: { 200: rack, ...problems() },
      },
    },
    async (request) => applyRack(services, request.caller, request.params.key, fileOf(request.body)),
  )
  api.post(
    '/racks/:key/check',
    {
      schema: {
        operationId: 'checkRack',
        tags: ['racks'],
        summary: 'What applying it would change, or every fault of it; nothing is applied',
        params: nameParam,
        response: { 200: rackCheck, ...problems() },
      },
    },
    async (request) => checkRack(services, request.params.key, fileOf(request.body)),
  )
}

/** @throws invalid-input if there is none, or one that nobody wrote by hand */
function fileOf(body: unknown): string {
  if (typeof body !== 'string' || body.trim() === '')
    throw new FerruleError(
      'invalid-input',
      'the rack configuration is empty',
      'Send the file as the body of the request.',
    )
  refuseDeepText(body)
  return body
}
