import { z } from 'zod'
import { erasePolicy, line } from './common.ts'

const refusal = z.object({ hostId: z.string(), host: z.string(), reasons: z.array(z.string()) })

export const destroyPlanBody = z.strictObject({
  instance: line(127).regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a name or an id'),
  erase: erasePolicy.optional(),
})

export const plan = z
  .object({
    action: z.enum(['deploy', 'destroy']),
    refusals: z
      .array(z.object({ code: z.string(), message: z.string(), remedy: z.string() }))
      .describe('What would refuse it now; empty: nothing'),
    choice: z
      .object({
        hostId: z.string().nullable(),
        host: z.string().nullable(),
        runnersUp: z.array(refusal),
        refused: z.array(refusal),
      })
      .nullable(),
    host: z.string().nullable(),
    bond: z
      .object({ mode: z.string(), mac: z.string(), members: z.array(z.string()), notes: z.array(z.string()) })
      .nullable(),
    ports: z.array(
      z.object({
        switch: z.string(),
        port: z.string(),
        nic: z.string(),
        before: z.string(),
        after: z.string(),
        lines: z.array(z.string()).describe("The device's own words, in order"),
      }),
    ),
    maas: z.array(z.string()),
    bmc: z.array(z.string()),
    erase: erasePolicy,
    expectedMinutes: z.number(),
  })
  .meta({ id: 'Plan' })
