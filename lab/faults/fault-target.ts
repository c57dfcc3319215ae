/** One thing of the lab that can be made to misbehave, with its dials as plain JSON. */
export interface FaultTarget {
  get(): Record<string, unknown>
  /** What they are when nothing is wrong. */
  rest(): Record<string, unknown>
  /** Sets some dials. Throws DialError for a name or a kind of value that it does not have; then nothing is set. */
  set(dials: Record<string, unknown>): Promise<void>
  /** Back to no fault. */
  reset(): Promise<void>
}

export class DialError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'DialError'
  }
}

/** Dials that are read where they are used: a plain object whose values may be changed in place. */
export function objectTarget(dials: object): FaultTarget {
  // Dials are records of JSON values by contract; an interface type just does not say so.
  const record = dials as Record<string, unknown>
  const atRest = structuredClone(record)
  return {
    get: () => ({ ...record }),
    rest: () => structuredClone(atRest),
    async set(next) {
      for (const [name, value] of Object.entries(next)) check(name, value, atRest)
      Object.assign(record, next)
    },
    async reset() {
      Object.assign(record, structuredClone(atRest))
    },
  }
}

function check(name: string, value: unknown, atRest: Record<string, unknown>): void {
  if (!Object.hasOwn(atRest, name))
    throw new DialError(`no dial "${name}"; there are ${Object.keys(atRest).join(', ')}`)
  const wanted = kind(atRest[name])
  if (kind(value) !== wanted) throw new DialError(`dial "${name}" takes a value of kind ${wanted}`)
}

function kind(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value
}
