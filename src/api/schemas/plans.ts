import { z } from 'zod'
import { erasePolicy, line } from './common.ts'
import { healFields } from './drift.ts'
import { nicRequest, reinstallFields } from './instances.ts'

const refusal = z.object({ hostId: z.string(), host: z.string(), reasons: z.array(z.string()) })

const key = line(127).regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a name or an id')

export const destroyPlanBody = z.strictObject({ instance: key, erase: erasePolicy.optional() })

export const reinstallPlanBody = z.strictObject({ instance: key, ...reinstallFields })

export const instancePlanBody = z.strictObject({ instance: key })

export const attachPlanBody = z.strictObject({
  instance: key,
  ...nicRequest.omit({ isDefault: true }).shape,
})

export const detachPlanBody = z.strictObject({ instance: key, network: key })

export const erasePlanBody = z.strictObject({ host: key, erase: erasePolicy.optional() })

export const healPlanBody = z.strictObject({ host: key, ...healFields })

export const plan = z
  .object({
    action: z.enum(['deploy', 'destroy', 'reinstall', 'heal', 'start', 'stop', 'reboot', 'attach', 'detach']),
    refusals: z
      .array(z.object({ code: z.string(), message: z.string(), remedy: z.string() }))
      .describe('What would refuse it now, and then nothing is listed that would be done; empty: nothing'),
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
        saves: z.boolean().describe('What is saved on the switch differs, and is saved anew'),
      }),
    ),
    maas: z.array(z.string()),
    bmc: z.array(z.string()),
    diskLayout: z
      .string()
      .nullable()
      .describe('What the offering says; null: as commissioned in MAAS, or nothing is installed'),
    erase: erasePolicy.nullable().describe('Null: nothing is erased, or it is refused'),
    expectedMinutes: z.number(),
    fingerprint: z
      .string()
      .nullable()
      .describe('Of a deploy that is not refused: what a deploy may be held to, as its expectedPlan'),
  })
  .meta({ id: 'Plan' })
