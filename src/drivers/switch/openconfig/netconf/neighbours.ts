import { z } from 'zod'

/** An element without children comes as text. */
function element<T extends z.ZodType>(shape: T) {
  return z.preprocess((value) => (value === '' ? undefined : value), shape.optional())
}

const neighbors = element(z.looseObject({ neighbor: z.array(z.unknown()).optional() }))
const interfaces = z.looseObject({
  interface: z.array(z.looseObject({ name: z.string(), neighbors })).optional(),
})
const data = element(z.looseObject({ lldp: element(z.looseObject({ interfaces: element(interfaces) })) }))

/**
 * `/lldp/interfaces` in what `get` answered, as JSON would have it. A switch that hears nobody answers nothing.
 * @throws Error with where it is not the model
 */
export function lldpInterfacesIn(answer: unknown): unknown {
  const parsed = data.safeParse(answer)
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('/') ?? 'its root'
    throw new Error(`its LLDP neighbours are not as the model has them (${where})`)
  }
  return parsed.data?.lldp?.interfaces ?? {}
}
