import { FerruleError } from '../domain/errors.ts'
import { highestOperationNumber, unfinishedOperations } from '../store/recovery.ts'
import { hostIsAhead } from '../workflows/host-ahead.ts'
import { highestNumber, markedMachines } from '../workflows/seen-machines.ts'
import type { Services } from './context.ts'

/**
 * Is the database older than the world? Every operation leaves its number on the machine in MAAS before its first
 * effect: a number above ours proves it. So does an unfinished operation whose host is further than its records, for
 * going on with it would repeat, on a server that runs by now, what was right before it ran. Null: nothing speaks for it.
 *
 * @throws what MAAS's silence is: then nothing is known.
 */
export async function recoveryReason(services: Services): Promise<FerruleError | null> {
  if (!services.settings.enabled) return null
  const { tools } = services
  const machines = await markedMachines(services.tools)
  const inMaas = highestNumber(tools, machines)
  const ours = await highestOperationNumber(tools.db)
  if (inMaas > ours)
    return olderThanTheWorld(
      `MAAS knows operation ${inMaas} of this installation, but this database ends at ${ours}`,
      { inMaas, ours },
    )
  for (const operation of await unfinishedOperations(tools.db)) {
    const ahead = await hostIsAhead(tools, operation, machines)
    if (ahead) return olderThanTheWorld(ahead, { operation: operation.number })
  }
  return null
}

export function olderThanTheWorld(what: string, details: Record<string, unknown> = {}): FerruleError {
  return new FerruleError(
    'recovery-mode',
    `${what}: the database is older than the world`,
    'Restore a newer database and start again, or look at "ferrule recover": it shows what the records would be rebuilt to.',
    details,
  )
}
