import { z } from 'zod'
import { time } from './common.ts'
import { operation } from './operations.ts'

const attentionItem = z.object({
  about: z
    .enum([
      'parked',
      'asked',
      'failed',
      'late',
      'power',
      'unreachable',
      'switch',
      'drift',
      'unproven',
      'attention',
    ])
    .describe(
      'asked: an operation waits for a person; unproven: its disks are not proven erased; drift: its ports are not as wanted; switch: it does not answer',
    ),
  object: z.object({
    kind: z
      .enum(['operation', 'host', 'instance', 'switch', 'cloudstack'])
      .describe('cloudstack: a host or a VM that only CloudStack has'),
    name: z.string(),
    id: z.string(),
  }),
  message: z.string(),
  since: time.nullable(),
  action: z.string().describe('The one safe thing to do'),
  sides: z
    .array(z.string())
    .optional()
    .describe('What CloudStack, our records and the switches have of its instance, where they differ'),
})

export const overview = z
  .object({
    at: time,
    attention: z.array(attentionItem).describe('The gravest first, 200 at most'),
    attentionCount: z.int(),
    wellSince: time
      .nullable()
      .describe('Null: something needs a person; else when something last went wrong or came right'),
    running: z.array(
      z.object({
        operation,
        name: z.string().nullable().describe('Of its instance, or else of its host'),
        usualMs: z.number().nullable().describe('Half of this kind needed at most as long here'),
      }),
    ),
    capacity: z.array(
      z.object({
        offering: z.string(),
        free: z.int().describe('Hosts that a deploy could have now'),
        fitting: z.int().describe('Hosts of its size and tags, whatever they do now'),
      }),
    ),
    hosts: z.array(z.object({ state: z.string(), count: z.int() })),
    usual: z
      .array(z.object({ kind: z.string(), medianMs: z.number(), mostMs: z.number(), count: z.int() }))
      .describe("From this site's newest operations that succeeded; mostMs: 19 of 20 needed no longer"),
  })
  .meta({ id: 'Overview' })
