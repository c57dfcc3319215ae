import { events as listEvents, newestEvent, newestEvents } from '../../services/events.ts'
import type { Api, ApiContext } from '../context.ts'
import { pageByNumber } from '../paging.ts'
import { eventStreamQuery, eventsPage, eventsQuery, lastEventHeaders } from '../schemas/events.ts'
import { problems } from '../schemas/problem.ts'
import { eventStream } from '../schemas/stream.ts'
import { streamEvents } from '../streams.ts'

export function eventRoutes(api: Api, context: ApiContext): void {
  const { services } = context
  const tags = ['events']
  api.get(
    '/events',
    {
      schema: {
        operationId: 'listEvents',
        tags,
        summary: 'Oldest first, or newest first',
        querystring: eventsQuery,
        response: { 200: eventsPage, ...problems() },
      },
    },
    async (request) => {
      const { limit, after, before, order, last, operationId, hostId, instanceId } = request.query
      const of = {
        ...(operationId === undefined ? {} : { operationId }),
        ...(hostId === undefined ? {} : { hostId }),
        ...(instanceId === undefined ? {} : { instanceId }),
      }
      if (order === 'newest') {
        const newest = await newestEvents(services, {
          before: before === undefined ? null : Number(before),
          limit: limit + 1,
          ...of,
        })
        return pageByNumber(newest, limit, (event) => event.id)
      }
      const from = last === undefined ? Number(after ?? 0) : Math.max(0, (await newestEvent(services)) - last)
      const found = await listEvents(services, {
        after: from,
        limit: limit + 1,
        ...of,
      })
      return pageByNumber(found, limit, (event) => event.id)
    },
  )
  api.get(
    '/events/stream',
    {
      schema: {
        operationId: 'watchEvents',
        tags,
        summary: 'Server-sent events named "event", each with its id',
        headers: lastEventHeaders,
        querystring: eventStreamQuery,
        response: { 200: eventStream, ...problems() },
      },
    },
    async (request, reply) => {
      const { after, ...of } = request.query
      const from = request.headers['last-event-id'] ?? after
      await streamEvents(context, reply, { ...of, after: from === undefined ? null : Number(from) })
      return reply
    },
  )
}
