import { FerruleError } from '../domain/errors.ts'
import type { Instance, InstanceNic } from '../domain/instance.ts'
import type { Operation } from '../store/operations.ts'
import type { HealInput } from '../workflows/heal.ts'
import type { Caller, Services } from './context.ts'
import { requireEnabled } from './enabled.ts'
import { findHost } from './hosts.ts'
import { refuseIfChanged } from './instances.ts'
import { beginOperation } from './operations.ts'

/** Ports, saved configuration and boot device as the records say; power only if asked. */
export async function healHost(
  services: Services,
  caller: Caller,
  key: string,
  { power = false }: { power?: boolean | undefined } = {},
): Promise<Operation> {
  requireEnabled(services)
  const { host, tenancy } = await findHost(services, key)
  if (host.readOnly)
    throw new FerruleError(
      'wrong-state',
      `host ${host.name} was adopted while deployed and is read-only`,
      'Release it in MAAS, remove it here and add it again.',
      { host: host.name },
    )
  const input: HealInput = { hostId: host.id, instanceId: tenancy?.instanceId ?? null, power, nics: null }
  return services.tools.db.transaction((client) =>
    beginOperation(services, client, caller, {
      kind: 'heal',
      hostId: host.id,
      instanceId: input.instanceId,
      input,
    }),
  )
}

/** Who heals where the settings say that ports are healed by themselves. */
export const portDriftCaller: Caller = { name: 'port drift', role: 'admin' }

/** Null: an operation has the host by now, it is gone, or operations are refused. */
export async function healDrift(services: Services, hostId: string): Promise<Operation | null> {
  try {
    return await healHost(services, portDriftCaller, hostId)
  } catch (error) {
    if (error instanceof FerruleError && nothingToDo.has(error.code)) return null
    throw error
  }
}

const nothingToDo: ReadonlySet<string> = new Set([
  'held',
  'wrong-state',
  'not-found',
  'not-enabled',
  'recovery-mode',
])

/** A running instance's ports as these NICs say, and the NICs recorded: it is not power-cycled. */
export async function healNetworks(
  services: Services,
  caller: Caller,
  instance: Instance,
  nics: InstanceNic[],
): Promise<Operation> {
  requireEnabled(services)
  const { hostId } = instance
  if (instance.state !== 'running' || !hostId)
    throw new FerruleError(
      'wrong-state',
      `instance ${instance.name} is ${instance.state}: its ports can be set only while it runs`,
      `See "ferrule why instance ${instance.name}".`,
      { state: instance.state },
    )
  const input: HealInput = { hostId, instanceId: instance.id, power: false, nics }
  return services.tools.db.transaction(async (client) => {
    const operation = await beginOperation(services, client, caller, {
      kind: 'heal',
      hostId,
      instanceId: instance.id,
      input,
    })
    await refuseIfChanged(client, instance, 'running')
    return operation
  })
}
