import { z } from 'zod'
import { numberCursor, page, pageLimit, time, uuid } from './common.ts'

export const event = z
  .object({
    id: z.int(),
    at: time,
    kind: z.string(),
    operationId: z.string().nullable(),
    operation: z
      .object({ number: z.int(), kind: z.string() })
      .nullable()
      .describe('As people call it; null: of no operation'),
    hostId: z.string().nullable(),
    instanceId: z.string().nullable(),
    message: z.string(),
    data: z.unknown(),
  })
  .meta({ id: 'Event' })

export const eventsPage = page(event).meta({ id: 'Events' })

const of = { operationId: uuid.optional(), hostId: uuid.optional(), instanceId: uuid.optional() }

export const eventsQuery = z.strictObject({
  limit: pageLimit,
  after: numberCursor.optional(),
  last: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('Instead of a cursor: begin this many ids before the newest'),
  order: z
    .enum(['oldest', 'newest'])
    .default('oldest')
    .describe('newest: the newest first, and "next" is where to go on with "before"'),
  before: numberCursor.optional().describe('With order=newest'),
  ...of,
})

export const eventStreamQuery = z.strictObject({ after: numberCursor.optional(), ...of })

export const lastEventHeaders = z.looseObject({
  'last-event-id': z
    .string()
    .min(1)
    .max(15)
    .regex(/^[0-9]+$/, 'must be the id of an event')
    .optional()
    .describe('Go on after this event; without it, only what happens from now on is sent'),
})
