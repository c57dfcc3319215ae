import type { z } from 'zod'
import { FerruleError } from '../../../domain/errors.ts'
import type { RedfishClient } from './client.ts'
import { readMembers, readWhole } from './collection.ts'

/**
 * For what a BMC may or may not tell: a resource that is missing, refused or not as it should be is null. That the BMC
 * does not answer at all is still an error.
 */
export async function optional<Schema extends z.ZodType>(
  client: RedfishClient,
  linked: string | undefined,
  schema: Schema,
  what: string,
): Promise<z.output<Schema> | null> {
  if (linked === undefined) return null
  return unlessRefused(async () => (await client.read(schema, client.path(linked, what), what)).value, null)
}

/** The members of a collection, whole; none if there is no such collection. */
export async function optionalMembers(
  client: RedfishClient,
  linked: string | undefined,
  what: string,
): Promise<unknown[]> {
  if (linked === undefined) return []
  return unlessRefused(async () => {
    const members = await readMembers(client, client.path(linked, what), what)
    return readWhole(client, members, what)
  }, [])
}

export async function unlessRefused<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof FerruleError && (error.code === 'bmc-refused' || error.code === 'bmc-unsupported'))
      return otherwise
    throw error
  }
}
