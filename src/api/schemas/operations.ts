import { z } from 'zod'
import { line, numberCursor, page, pageLimit, time, uuid } from './common.ts'
import { event } from './events.ts'

export const errorBody = z
  .object({
    code: z.string(),
    message: z.string(),
    remedy: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'ErrorBody' })

const operationKind = z.enum([
  'deploy',
  'start',
  'stop',
  'reboot',
  'destroy',
  'attach',
  'detach',
  'enlist',
  'reinstall',
  'heal',
])
const operationState = z.enum(['queued', 'running', 'undoing', 'parked', 'succeeded', 'undone', 'cancelled'])

const operationFields = {
  id: z.string(),
  number: z.int().describe('For people: ferrule operation show NUMBER'),
  kind: operationKind,
  ref: z.string().describe('Kind and version of its step table'),
  state: operationState,
  hostId: z.string().nullable(),
  host: z.string().nullable().describe('Name of its host; null: none is chosen yet, or it was removed'),
  instanceId: z.string().nullable(),
  instance: z.string().nullable().describe('Name of its instance, which a destroyed one keeps'),
  cancelRequested: z.string().nullable(),
  error: errorBody.nullable(),
  parked: z
    .object({
      step: z.string(),
      title: z.string().describe('The step as people know it'),
      direction: z.enum(['do', 'undo']),
      attempts: z.int(),
      error: errorBody,
      skip: z.string().nullable().describe('What follows if a person skips it; null: it must not be skipped'),
      since: time,
      nextRetryAt: time,
    })
    .nullable()
    .describe('Where it waits for a person, or for the cause to go away'),
  createdBy: z.string(),
  createdAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
}

export const operation = z.object(operationFields).meta({ id: 'Operation' })

export const operationWithSteps = z
  .object({
    ...operationFields,
    input: z.unknown().describe('What it was asked for. Never a secret'),
    steps: z.array(
      z.object({
        seq: z.int(),
        name: z.string(),
        title: z.string(),
        direction: z.enum(['do', 'undo']),
        attempt: z.int(),
        state: z.enum(['running', 'done', 'failed']),
        startedAt: time,
        endedAt: time.nullable(),
        error: errorBody.nullable(),
        input: z.record(z.string(), z.unknown()).describe('What the steps before had handed on'),
        output: z.unknown().describe('What it hands on; null: nothing, or not done yet'),
        tookMs: z.int().nullable().describe('Of all its attempts; null: it has not ended'),
        evidence: z
          .array(event.pick({ id: true, at: true, kind: true, message: true, data: true }))
          .describe('What was noted while it was at work; the newest of all steps together at most 200'),
      }),
    ),
    planned: z
      .array(z.object({ name: z.string(), title: z.string() }))
      .describe('All steps of its table in order, those to come included'),
  })
  .meta({ id: 'OperationWithSteps' })

export const operationRecord = z
  .object({
    recordedAt: time,
    version: z.string().describe("Ferrule's"),
    operation: operationWithSteps,
    events: z.array(event).describe('All of them, the oldest first'),
  })
  .meta({ id: 'OperationRecord' })

export const operationsPage = page(operation).meta({ id: 'Operations' })

export const operationsQuery = z.strictObject({
  limit: pageLimit,
  before: numberCursor.optional(),
  instanceId: uuid.optional(),
  hostId: uuid.optional(),
  text: line(100).optional().describe('Part of the name of its host or its instance'),
  live: z.enum(['true', 'false']).optional().describe('Only those that have not ended'),
})

export const cancelBody = z.strictObject({ reason: line(500).optional() }).nullish()

export const skipBody = z.strictObject({
  step: line(100),
  reason: line(500).describe('Why nothing leaks by that; recorded'),
})

export type OperationJson = z.infer<typeof operation>
export type OperationWithStepsJson = z.infer<typeof operationWithSteps>
