import { z } from 'zod'
import { time } from './common.ts'
import { maasEndpoint } from './site.ts'

const value = z.union([z.string().max(2000), z.number(), z.boolean(), z.null()])

export const providerSettingsView = z
  .object({
    file: z.string().nullable().describe('Null: started without one'),
    revision: z.string().describe('Of the text of the file'),
    locked: z
      .object({ message: z.string(), remedy: z.string() })
      .nullable()
      .describe('Why nothing can be changed here; null: it can'),
    pending: z.boolean().describe('The file has been changed since this replica was started with it'),
    failure: z
      .object({ at: time, message: z.string(), remedy: z.string() })
      .nullable()
      .describe('The last change that it could not be started with; the file is as it was before'),
    settings: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(['text', 'secret', 'number', 'choice', 'switch']),
        choices: z.array(z.string()).nullable(),
        least: z.number().nullable(),
        most: z.number().nullable(),
        about: z.string(),
        value: value.describe('What holds; of a secret where it is kept'),
        from: z.enum(['file', 'default', 'environment']),
        variable: z.string().describe('The environment variable that goes before the file'),
      }),
    ),
  })
  .meta({ id: 'ProviderSettings' })

export const providerChange = z
  .strictObject({
    revision: z.string().max(64).describe('Of the settings that were looked at'),
    changes: z
      .array(
        z.strictObject({
          name: z.string().max(100),
          value: value.describe('Null takes it out of the file, so that its default holds'),
        }),
      )
      .max(50),
  })
  .meta({ id: 'ProviderChange' })

export const providerPlan = z
  .object({
    diff: z
      .array(z.string())
      .describe('Lines of the file that differ, behind "-" and "+", and those beside them behind a blank'),
    maas: z
      .array(maasEndpoint)
      .nullable()
      .describe('What each region controller of the new connection says; null: the connection stays'),
    restarts: z.boolean().describe('This replica starts anew with the file; operations go on after it'),
  })
  .meta({ id: 'ProviderPlan' })
