import type { Instance } from '../domain/instance.ts'
import type { Attempt } from '../store/instances.ts'
import { attemptsOfExternal } from '../store/instances.ts'
import type { Answer } from './answers.ts'
import { refused } from './answers.ts'
import type { Call } from './call.ts'
import { concerns } from './call.ts'

/**
 * A VM gets at most this many attempts with effects in this time, each on another host: CloudStack tries a failing
 * create eleven times within seconds, and every attempt costs an installation and an erase.
 */
const ATTEMPTS = 2
const WINDOW = 45 * 60_000

/** Attempts that wrote to a host's disks and failed, inside the window; oldest first. */
export async function failuresWithEffects({ services, vm }: Call): Promise<Attempt[]> {
  const since = services.tools.now() - WINDOW
  return (await attemptsOfExternal(services.tools.db, vm.uuid))
    .filter((one) => one.hadEffects && Date.parse(one.at) > since)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

/** The error that ended the last attempt, at once and without any effect, once the budget is spent; null before. */
export async function remembered(
  call: Call,
  instance: Instance,
  failures: readonly Attempt[],
): Promise<Answer | null> {
  if (failures.length < ATTEMPTS) return null
  const [first] = failures.slice(-ATTEMPTS)
  const next = first ? new Date(Date.parse(first.at) + WINDOW).toISOString() : 'later'
  return refused(
    {
      message: instance.error?.message ?? `${instance.name} failed`,
      remedy:
        `It failed on ${failures.length} hosts; the next attempt is possible at ${next}. ${instance.error?.remedy ?? ''}`.trim(),
    },
    await concerns(call, instance),
  )
}
