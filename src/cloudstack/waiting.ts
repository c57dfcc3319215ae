import type { Instance } from '../domain/instance.ts'
import type { Services } from '../services/context.ts'
import { claimInstance, instanceById } from '../store/instances.ts'

/** A call of CloudStack may block until shortly before its own time-out; then it must have answered. Milliseconds. */
const MARGIN = 30_000
const LOOK_EVERY = 100

/** When a call with this time-out (seconds, as CloudStack gives it) has to stop waiting. */
export function answerBy(now: number, timeoutSeconds: number): number {
  return now + Math.max(timeoutSeconds * 1000 - MARGIN, timeoutSeconds * 500)
}

/** Looks at the instance until it is as wanted, or the time is over; null then. An attached create says so meanwhile. */
export async function waitForInstance(
  services: Services,
  id: string,
  until: (instance: Instance) => boolean,
  by: number,
  options: { claim?: boolean } = {},
): Promise<Instance | null> {
  const { tools } = services
  const claimEvery = Math.max(LOOK_EVERY, tools.policy.deadlines.claim / 10)
  let claimed = Number.NEGATIVE_INFINITY
  for (;;) {
    if (options.claim && tools.now() - claimed >= claimEvery) {
      await claimInstance(tools.db, id)
      claimed = tools.now()
    }
    const instance = await instanceById(tools.db, id)
    if (!instance) return null
    if (until(instance)) return instance
    if (tools.now() >= by) return null
    await tools.sleep(LOOK_EVERY)
  }
}
