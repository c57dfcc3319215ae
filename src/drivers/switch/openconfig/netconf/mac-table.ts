import { z } from 'zod'

/** An element without children comes as text. */
function element<T extends z.ZodType>(shape: T) {
  return z.preprocess((value) => (value === '' ? undefined : value), shape.optional())
}

/** `interface` and `vlan` are lists elsewhere in the models, and so they are read as some; here there is one of each. */
function one<T extends z.ZodType>(inner: T) {
  return z.tuple([inner]).transform(([only]) => only)
}

const entry = z.looseObject({
  vlan: one(z.string()),
  interface: one(
    element(
      z.looseObject({
        'interface-ref': z.looseObject({ state: z.looseObject({ interface: one(z.string()) }) }),
      }),
    ),
  ).optional(),
})

const macTable = z.looseObject({ entries: element(z.looseObject({ entry: z.array(entry).optional() })) })
const instance = z.looseObject({ fdb: element(z.looseObject({ 'mac-table': element(macTable) })) })
const data = element(
  z.looseObject({
    'network-instances': element(z.looseObject({ 'network-instance': z.array(instance).max(1).optional() })),
  }),
)

/**
 * `fdb/mac-table` of the default network instance in what `get` answered, as JSON would have it. A switch that has
 * learned nothing answers nothing. @throws Error with where it is not the model
 */
export function macTableIn(answer: unknown): unknown {
  const parsed = data.safeParse(answer)
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('/') ?? 'its root'
    throw new Error(`its MAC addresses are not as the model has them (${where})`)
  }
  return parsed.data?.['network-instances']?.['network-instance']?.[0]?.fdb?.['mac-table'] ?? {}
}
