import { FerruleError } from '../domain/errors.ts'
import { highestOperationNumber } from '../store/operations.ts'
import { ANNOTATION_INSTALLATION, ANNOTATION_OPERATION, installationTag } from '../workflows/maas-machine.ts'
import type { Services } from './context.ts'

/**
 * A restored database is older than the world: an operation number in MAAS above ours proves it. Then nothing is run
 * and every call is refused with this reason, until a person has rebuilt the records. MAAS being away proves nothing.
 */
export async function recoveryCheck(services: Services): Promise<FerruleError | null> {
  if (!services.settings.enabled) return null
  const { tools } = services
  const machines = await tools.maas.machines({ tags: [installationTag(tools)] }).catch(() => [])
  const numbers = machines
    .filter((machine) => machine.annotations[ANNOTATION_INSTALLATION] === tools.installation.name)
    .map((machine) => Number(machine.annotations[ANNOTATION_OPERATION] ?? 0))
  const inMaas = Math.max(0, ...numbers)
  const ours = await highestOperationNumber(tools.db)
  if (inMaas <= ours) return null
  return new FerruleError(
    'recovery-mode',
    `MAAS knows operation ${inMaas} of this installation, but this database ends at ${ours}: the database is older than the world`,
    'Restore a newer database, or rebuild the records: see the operator guide, "A restored database".',
    { inMaas, ours },
  )
}
