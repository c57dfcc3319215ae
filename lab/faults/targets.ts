import { calm, partialDials } from '../switch/dials.ts'
import type { SwitchServer } from '../switch/server.ts'
import type { Disk } from '../world/types.ts'
import type { FaultTarget } from './fault-target.ts'
import { DialError, objectTarget } from './fault-target.ts'

export function switchTarget(server: SwitchServer): FaultTarget {
  return {
    get: () => ({ ...server.dials }),
    rest: () => ({ ...calm() }),
    set(next) {
      const parsed = partialDials.safeParse(next)
      if (!parsed.success) {
        const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`.trim())
        return Promise.reject(new DialError(faults.join('; ')))
      }
      // Zod leaves no key in the result that was not given.
      return server.setDials(parsed.data as Partial<typeof server.dials>)
    },
    reset: () => server.setDials(calm()),
  }
}

/**
 * A machine's own dials, and `readOnlyDisks`: names of disks that accept writes and keep nothing. `changed` is called
 * after each change: broken hardware does not wait until somebody asks.
 */
export function machineTarget(
  { dials, disks }: { dials: object; disks: readonly Disk[] },
  changed: () => void,
): FaultTarget {
  const own = objectTarget(dials)
  const setReadOnly = (names: readonly unknown[]) => {
    for (const disk of disks) disk.readOnly = names.includes(disk.name)
  }
  return {
    get: () => ({
      ...own.get(),
      readOnlyDisks: disks.filter((disk) => disk.readOnly).map((disk) => disk.name),
    }),
    rest: () => ({ ...own.rest(), readOnlyDisks: [] }),
    async set({ readOnlyDisks, ...rest }) {
      if (readOnlyDisks !== undefined && !Array.isArray(readOnlyDisks))
        throw new DialError('"readOnlyDisks" is a list of disk names')
      const unknown = readOnlyDisks?.find((name) => !disks.some((disk) => disk.name === name))
      if (unknown !== undefined) throw new DialError(`no disk "${unknown}"`)
      await own.set(rest)
      if (readOnlyDisks !== undefined) setReadOnly(readOnlyDisks)
      changed()
    },
    async reset() {
      await own.reset()
      setReadOnly([])
      changed()
    },
  }
}
