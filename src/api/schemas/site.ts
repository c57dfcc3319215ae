import { z } from 'zod'
import { line, name, time } from './common.ts'

export const health = z
  .object({
    status: z
      .enum(['ok', 'recovery', 'waiting', 'database-unreachable'])
      .describe(
        'recovery: the database is older than the world; waiting: MAAS has not said yet whether it is. Nothing is run in both',
      ),
    version: z.string(),
    enabled: z.boolean().describe('MAAS is enabled as the bare-metal provider'),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Health' })

export const settings = z.record(z.string(), z.unknown()).meta({ id: 'Settings' })

export const searchQuery = z.strictObject({
  text: line(100).describe('Part of a name, an address, a MAC, or the number of an operation; in any case'),
  limit: z.coerce.number().int().min(1).max(50).default(20),
})

export const found = z
  .object({
    items: z.array(
      z.object({
        kind: z.enum(['host', 'instance', 'operation', 'switch', 'port', 'network', 'template', 'offering']),
        name: z.string().describe('Of a port: the address of its switch, and its own name'),
        detail: z.string(),
      }),
    ),
  })
  .meta({ id: 'Found' })

export const maasEndpoint = z
  .object({
    url: z.string(),
    version: z.string().nullable().describe('Null: it did not answer'),
    account: z
      .object({ username: z.string(), isSuperuser: z.boolean() })
      .nullable()
      .describe('Whose the API key is; null: it does not take the key'),
    ms: z.int().describe('How long its answer took'),
    fault: z.object({ message: z.string(), remedy: z.string() }).nullable(),
  })
  .meta({ id: 'MaasEndpoint' })

export const maasHealth = z
  .object({
    endpoints: z
      .array(maasEndpoint)
      .describe('Each region controller of the configuration, asked this moment'),
  })
  .meta({ id: 'MaasHealth' })

const role = z.enum(['admin', 'reader', 'cloudstack'])

export const newTokenBody = z.strictObject({ name, role }).meta({ id: 'NewToken' })

export const createdToken = z
  .object({ name: z.string(), role, token: z.string().describe('Shown in this answer only') })
  .meta({ id: 'CreatedToken' })

export const tokensPage = z
  .object({ items: z.array(z.object({ name: z.string(), role, createdAt: time })) })
  .meta({ id: 'Tokens' })

export const whyKind = z.enum(['host', 'instance', 'operation', 'switch'])

export const why = z
  .object({
    object: z.object({ kind: whyKind, name: z.string() }),
    well: z.boolean().describe('Everything is as wanted'),
    summary: z.string(),
    blocks: z.string().nullable(),
    since: time.nullable(),
    evidence: z.array(z.string()),
    nextRetry: time.nullable(),
    action: z.string().nullable().describe('The one safe thing to do; null: nothing needs doing'),
  })
  .meta({ id: 'Why' })
