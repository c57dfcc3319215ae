import type { FaultTarget } from './fault-target.ts'
import { objectTarget } from './fault-target.ts'

/** Some of a thing's dials as JSON; what else it has there, such as functions of tests, stays as it is. */
export function dialView<Dials extends object>(
  dials: Dials,
  names: readonly (keyof Dials & string)[],
  changed: () => void = () => {},
): FaultTarget {
  const view = {}
  for (const name of names) {
    Object.defineProperty(view, name, {
      enumerable: true,
      get: () => dials[name],
      set: (value) => {
        dials[name] = value
      },
    })
  }
  const target = objectTarget(view)
  return {
    ...target,
    async set(next) {
      await target.set(next)
      changed()
    },
    async reset() {
      await target.reset()
      changed()
    },
  }
}
