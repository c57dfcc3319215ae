import type { FastifyReply } from 'fastify'
import { events, newestEvent } from '../services/events.ts'
import { operationView } from '../services/operations.ts'
import type { ApiContext } from './context.ts'
import { toOperationWithSteps } from './operation-json.ts'
import { coalesced } from './sse.ts'

const eventsAtOnce = 500

/** The operation after every change, and its events; ends when the operation has ended. */
export async function streamOperation(context: ApiContext, reply: FastifyReply, key: string): Promise<void> {
  const { services, log } = context
  // before the answer begins, so that an unknown operation is a plain 404
  const { id } = await operationView(services, key)
  let lastEvent = 0
  let lastSent = ''
  const look = coalesced(
    async () => {
      if (stream.closed) return
      const view = toOperationWithSteps(await operationView(services, id))
      for (const event of await events(services, {
        operationId: id,
        after: lastEvent,
        limit: eventsAtOnce,
      })) {
        lastEvent = event.id
        stream.send('event', event, event.id)
      }
      const text = JSON.stringify(view)
      if (text !== lastSent) stream.send('operation', view)
      lastSent = text
      if (view.endedAt !== null) stream.close()
    },
    (error) => log('warn', 'an operation stream missed a change', { operation: id, error: String(error) }),
  )
  const stream = context.streams.open(reply, look)
  stream.onClose(
    context.live.subscribe((notice) => {
      if (!notice || notice.operation === id) look()
    }),
  )
  look()
}

/** Every event from a cursor on, or from now on. */
export async function streamEvents(
  context: ApiContext,
  reply: FastifyReply,
  where: {
    after: number | null
    operationId?: string | undefined
    hostId?: string | undefined
    instanceId?: string | undefined
  },
): Promise<void> {
  const { services, log } = context
  const { after, operationId, hostId, instanceId } = where
  const of = {
    ...(operationId === undefined ? {} : { operationId }),
    ...(hostId === undefined ? {} : { hostId }),
    ...(instanceId === undefined ? {} : { instanceId }),
  }
  let last = after ?? (await newestEvent(services))
  const look = coalesced(
    async () => {
      for (;;) {
        if (stream.closed) return
        const found = await events(services, { ...of, after: last, limit: eventsAtOnce })
        for (const event of found) {
          last = event.id
          stream.send('event', event, event.id)
        }
        if (found.length < eventsAtOnce) return
      }
    },
    (error) => log('warn', 'an event stream missed a change', { error: String(error) }),
  )
  const stream = context.streams.open(reply, look)
  stream.onClose(context.live.subscribe(() => look()))
  look()
}
