import { z } from 'zod'

/**
 * One line of text that PostgreSQL takes: no control characters, so no NUL. The pattern has no flags, because clients
 * read it from the OpenAPI document.
 */
export function line(max: number) {
  return z
    .string()
    .min(1)
    .max(max)
    .regex(/^[ -~\u00a0-\uffff]*$/, 'must be one line of text without control characters')
}

/** What may be given as a name, so that every name can be written in a URL and typed in a shell as it is. */
export const name = z
  .string()
  .min(1)
  .max(63)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    'must be letters, digits, ".", "_" and "-", beginning with a letter or a digit',
  )

/** The name or the id of an object, in a URL. */
export const keyParam = z.strictObject({
  key: z
    .string()
    .min(1)
    .max(127)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a name or an id')
    .describe('Name or id'),
})

/** The address of a switch, as the rack file writes it. */
const address = /^[A-Za-z0-9[][A-Za-z0-9[\]:._-]*$/

/** As keyParam, also for things that are named by their address. */
export const addressParam = z.strictObject({
  key: z
    .string()
    .min(1)
    .max(127)
    .regex(address, 'must be a name, an id or an address')
    .describe('Name, id or address'),
})

export const operationParam = z.strictObject({
  key: z
    .string()
    .min(1)
    .max(36)
    .regex(/^([0-9]{1,15}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/, {
      error: 'must be the number or the id of an operation',
    })
    .describe('Number or id'),
})

export const uuid = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'must be an id')

export const mac = z
  .string()
  .min(17)
  .max(17)
  .regex(/^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$/, 'must be six hex pairs, e.g. 52:54:00:aa:bb:01')

export const erasePolicy = z.enum(['full', 'secure', 'quick'])

/** ISO 8601, UTC. */
export const time = z.string().meta({ format: 'date-time' })

export const largestPage = 500

/** Query parameters come as text. */
const limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(largestPage)
  .default(100)
  .describe('Most items in the answer')

export const pageQuery = z.strictObject({
  limit,
  after: z
    .string()
    .min(1)
    .max(400)
    .regex(/^[A-Za-z0-9_-]+$/, 'must be the "next" of an earlier answer')
    .optional()
    .describe('Cursor: the "next" of the answer before'),
})

/** For lists whose order is a number. */
export const numberCursor = z
  .string()
  .min(1)
  .max(15)
  .regex(/^[0-9]+$/, 'must be the "next" of an earlier answer')
  .describe('Cursor: the "next" of the answer before')

export { limit as pageLimit }

export function page<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().describe('The cursor for what follows; null: that was all'),
  })
}

export const idempotencyHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .min(1)
    .max(200)
    .regex(/^[!-~]+$/, 'must be printable characters without spaces')
    .optional()
    .describe('The same key with the same request gets the same answer again, and nothing is done twice'),
})
