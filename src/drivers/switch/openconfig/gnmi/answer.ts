import { z } from 'zod'

const path = z
  .looseObject({
    elem: z
      .array(z.looseObject({ name: z.string(), key: z.record(z.string(), z.string()).default({}) }))
      .default([]),
  })
  .nullish()

const getAnswer = z.looseObject({
  notification: z.array(
    z.looseObject({
      prefix: path,
      update: z.array(
        z.looseObject({
          path,
          val: z.looseObject({ json_ietf_val: z.instanceof(Buffer).optional() }).nullish(),
        }),
      ),
    }),
  ),
})

const capabilitiesAnswer = z.looseObject({
  supported_models: z.array(z.looseObject({ name: z.string() })),
  supported_encodings: z.array(z.string()),
})

export interface Offer {
  models: ReadonlySet<string>
  encodings: ReadonlySet<string>
}

/** @throws Error if it is no answer to Capabilities */
export function offerOf(answer: unknown): Offer {
  const parsed = capabilitiesAnswer.safeParse(answer)
  if (!parsed.success) throw new Error('its capabilities are none of gNMI')
  return {
    models: new Set(parsed.data.supported_models.map(({ name }) => name)),
    encodings: new Set(parsed.data.supported_encodings),
  }
}

/**
 * The value at a path, out of whichever updates a device answers: the whole in one, or entries of the list below it.
 * Undefined where it has nothing. @throws Error if it is something else
 */
export function treeAt(answer: unknown, names: readonly string[], list: string): unknown {
  const parsed = getAnswer.safeParse(answer)
  if (!parsed.success) throw new Error('its answer is none of gNMI')
  const entries: unknown[] = []
  for (const { prefix, update } of parsed.data.notification) {
    for (const { path: at, val } of update) {
      const said = [...(prefix?.elem ?? []), ...(at?.elem ?? [])]
      const where = said.map(({ name }) => name.slice(name.indexOf(':') + 1))
      const value = val?.json_ietf_val
      if (value === undefined) throw new Error(`its value at /${where.join('/')} is not in JSON_IETF`)
      if (where.join('/') === names.join('/')) return parseJson(value)
      if (where.join('/') !== [...names, list].join('/')) {
        throw new Error(`it answers /${where.join('/')} to /${names.join('/')}`)
      }
      // The keys of an entry may be left to its path.
      const inside = parseJson(value)
      entries.push(typeof inside === 'object' ? { ...said.at(-1)?.key, ...inside } : inside)
    }
  }
  return entries.length === 0 ? undefined : { [list]: entries }
}

const subscribeAnswer = z.union([
  z.looseObject({ sync_response: z.literal(true) }).transform(() => 'synchronised' as const),
  z.looseObject({ update: z.looseObject({}) }).transform(() => 'change' as const),
])

/** What a message of a subscription says. Null: nothing of values. */
export function saidBySubscription(message: unknown): 'synchronised' | 'change' | null {
  return subscribeAnswer.safeParse(message).data ?? null
}

function parseJson(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'))
  } catch {
    // the library's words may quote the configuration
    throw new Error('its JSON cannot be read')
  }
}
