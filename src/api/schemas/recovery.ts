import { z } from 'zod'

const fingerprint = z.string().describe('Of everything that is shown here')

export const recoveryPlan = z
  .object({
    fingerprint,
    numbers: z.object({
      inMaas: z.int().describe('The highest operation number in MAAS'),
      ours: z.int().describe('Where the database ends'),
      next: z.int().describe('Where the numbers go on'),
    }),
    hosts: z.array(
      z.object({
        host: z.string(),
        verdict: z
          .enum(['as-recorded', 'rebuilt', 'attention'])
          .describe('attention: not used until a person has looked'),
        records: z.string().describe('What the records say'),
        world: z.array(z.string()).describe('What MAAS, the BMC and the switches say'),
        changes: z.array(z.string()).describe('What will be recorded'),
      }),
    ),
    instances: z
      .array(z.object({ instance: z.string(), from: z.string(), to: z.string() }))
      .describe('Instances of the records that no host carries'),
    operations: z
      .array(
        z.object({
          number: z.int(),
          kind: z.string(),
          host: z.string().nullable(),
          instance: z.string().nullable(),
        }),
      )
      .describe('Unfinished by the records: ended as lost, never run'),
    notes: z.array(z.string()),
  })
  .meta({ id: 'RecoveryPlan' })

export const recovery = z
  .object({
    needed: z.boolean().describe('False: the database is not older than the world, as far as anything tells'),
    reason: z.string().nullable(),
    plan: recoveryPlan.nullable(),
  })
  .meta({ id: 'Recovery' })

export const confirmBody = z.strictObject({
  fingerprint: z
    .string()
    .regex(/^[0-9a-f]{16}$/, 'must be the fingerprint of what was shown')
    .describe('Of the plan that was shown; another one is refused'),
})

export const confirmed = z
  .object({
    plan: recoveryPlan,
    left: z.boolean().describe('Work has begun; false: "reason" says what it waits for'),
    reason: z.string().nullable(),
  })
  .meta({ id: 'RecoveryConfirmed' })
