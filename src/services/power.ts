import { FerruleError } from '../domain/errors.ts'
import type { PowerPolicy } from '../domain/host.ts'
import type { Mismatch } from '../domain/power-policy.ts'
import { insertEvent } from '../store/events.ts'
import type { Operation } from '../store/operations.ts'
import { setPowerPolicy } from '../store/power-watch.ts'
import type { Caller, Services } from './context.ts'
import type { HostView } from './hosts.ts'
import { eraseHost, findHost, hostView } from './hosts.ts'
import { startInstance, stopInstance } from './instances.ts'

/** Who begins the operations that the policy asks for. */
export const powerPolicyCaller: Caller = { name: 'power policy', role: 'admin' }

export async function changePowerPolicy(
  services: Services,
  caller: Caller,
  key: string,
  policy: PowerPolicy,
): Promise<HostView> {
  const { host } = await findHost(services, key)
  if (host.powerPolicy !== policy) {
    await services.tools.db.transaction(async (client) => {
      await setPowerPolicy(client, host.id, policy)
      await insertEvent(client, {
        kind: 'host.power-policy',
        hostId: host.id,
        message: `${caller.name} set the power policy of ${host.name} to ${policy}`,
      })
    })
  }
  return hostView(services, key)
}

/**
 * Puts a mismatch right by an ordinary operation, with all its checks; never by a command of its own. Null: the host or
 * its instance is on its way to somewhere else by now, or operations are refused, so there is nothing to put right.
 */
export async function enforcePower(
  services: Services,
  hostId: string,
  instanceId: string | null,
  remedy: Mismatch['remedy'],
): Promise<Operation | null> {
  try {
    if (instanceId === null) return await eraseHost(services, powerPolicyCaller, hostId, null)
    if (remedy === 'stop') return await stopInstance(services, powerPolicyCaller, instanceId, { stray: true })
    return await startInstance(services, powerPolicyCaller, instanceId, undefined, { lost: true })
  } catch (error) {
    if (error instanceof FerruleError && nothingToDo.has(error.code)) return null
    throw error
  }
}

const nothingToDo: ReadonlySet<string> = new Set([
  'held',
  'wrong-state',
  'in-use',
  'not-found',
  'not-enabled',
  'recovery-mode',
])
