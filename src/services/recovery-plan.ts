import { FerruleError } from '../domain/errors.ts'
import type { RecoveryPlan } from '../domain/recovery/plan.ts'
import { planRecovery } from '../domain/recovery/plan.ts'
import { recoveryPlan } from '../store/recovery.ts'
import type { Caller, Services } from './context.ts'
import { recordRecovery } from './recovery-record.ts'
import { type RecoveryView, toView } from './recovery-view.ts'
import { seeWorld } from './recovery-world.ts'

/** Reads the world and works out what would be recorded; neither records nor devices are changed. */
export async function showRecovery(services: Services): Promise<RecoveryView> {
  return toView(await makePlan(services))
}

/** Records exactly what was shown, in one transaction; refused when the world or the records have changed since. */
export async function confirmRecovery(
  services: Services,
  caller: Caller,
  fingerprint: string,
): Promise<RecoveryView> {
  const plan = await makePlan(services)
  const view = toView(plan)
  if (view.fingerprint !== fingerprint)
    throw new FerruleError(
      'conflict',
      `what would be recorded is not what was shown as ${fingerprint}: the world or the records have changed since`,
      'Look at it again with "ferrule recover", and confirm what it shows then.',
      { fingerprint: view.fingerprint },
    )
  await recordRecovery(services, caller, plan, view)
  return view
}

/** What was recorded under this fingerprint: a confirmation whose answer was lost is answered again. */
export async function recordedRecovery(
  services: Services,
  fingerprint: string,
): Promise<RecoveryView | null> {
  // written by recordRecovery, as it was shown
  return (await recoveryPlan(services.tools.db, fingerprint)) as RecoveryView | null
}

async function makePlan(services: Services): Promise<RecoveryPlan> {
  return planRecovery(await seeWorld(services), () => services.tools.newId())
}
