import type pg from 'pg'
import { FerruleError } from '../domain/errors.ts'
import type { Instance, InstanceAction, InstanceNic, InstanceState } from '../domain/instance.ts'
import { instanceCan, statesFor } from '../domain/instance.ts'
import type { ErasePolicy } from '../domain/offering.ts'
import { resolveErase } from '../domain/offering.ts'
import type { StopPorts } from '../domain/stop-ports.ts'
import type { Network } from '../store/catalogue.ts'
import { listNetworks } from '../store/catalogue.ts'
import { insertEvent } from '../store/events.ts'
import {
  instanceById,
  instanceByName,
  listInstances,
  lockInstance,
  moveInstance,
  setInstanceState,
} from '../store/instances.ts'
import type { Operation } from '../store/operations.ts'
import { latestOperation, operationById, requestCancel } from '../store/operations.ts'
import { withCurrentVlans } from '../workflows/claim.ts'
import { findNetwork, findOffering } from './catalogue.ts'
import type { Caller, Services } from './context.ts'
import { requireEnabled } from './enabled.ts'
import type { NicRequest } from './nics.ts'
import { resolveNics } from './nics.ts'
import { beginOperation } from './operations.ts'

/** By id or by name. */
export async function findInstance(services: Services, key: string): Promise<Instance> {
  const { db } = services.tools
  const instance = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(key)
    ? await instanceById(db, key)
    : await instanceByName(db, key)
  if (!instance)
    throw new FerruleError(
      'not-found',
      `there is no instance ${key}`,
      'List them with "ferrule instance list".',
      { instance: key },
    )
  return instance
}

export async function instances(
  services: Services,
  where: { after?: string; limit?: number } = {},
): Promise<Instance[]> {
  return listInstances(services.tools.db, where)
}

/** A20: power on only; the networks are taken as they are now. `lost`: it should run, but its host was found off. */
export async function startInstance(
  services: Services,
  caller: Caller,
  key: string,
  fresh?: InstanceNic[],
  { lost = false }: { lost?: boolean } = {},
): Promise<Operation> {
  requireEnabled(services)
  const instance = await findInstance(services, key)
  const nics = fresh ?? (await withCurrentVlans(services.tools, instance.nics))
  const input = (hostId: string) => ({ instanceId: instance.id, hostId, nics })
  const from: readonly InstanceState[] = lost ? ['running', 'stopped'] : statesFor('start')
  return move(services, caller, instance, 'start', 'deploying', input, from)
}

/** `stray`: the instance is stopped, but its host was found on. `ports`: instead of what the site says. */
export async function stopInstance(
  services: Services,
  caller: Caller,
  key: string,
  { stray = false, ports }: { stray?: boolean; ports?: StopPorts | undefined } = {},
): Promise<Operation> {
  requireEnabled(services)
  const instance = await findInstance(services, key)
  const park = await parksAtStop(services, instance, ports)
  const input = (hostId: string) => ({ instanceId: instance.id, hostId, park })
  return move(
    services,
    caller,
    instance,
    'stop',
    'stopping',
    input,
    stray ? ['running', 'stopped'] : statesFor('stop'),
  )
}

/** Does a stop take it out of its networks? Where they keep their VLANs the site, or who stops it, may say no. */
export async function parksAtStop(
  services: Services,
  instance: Instance,
  ports: StopPorts = services.settings.stopPorts,
): Promise<boolean> {
  const kinds = new Map((await listNetworks(services.tools.db)).map((network) => [network.id, network.kind]))
  const allFixed = instance.nics.every((nic) => (kinds.get(nic.networkId) ?? 'isolated') !== 'isolated')
  return !(ports === 'keep-fixed' && allFixed)
}

export async function rebootInstance(services: Services, caller: Caller, key: string): Promise<Operation> {
  requireEnabled(services)
  const instance = await findInstance(services, key)
  return move(services, caller, instance, 'reboot', 'running', (hostId) => ({
    instanceId: instance.id,
    hostId,
  }))
}

/**
 * A22. While another operation is at work on the instance it is cancelled or waited for, never queued behind: a deploy
 * or a reinstall is cut short where it can be, and its end destroys what there is.
 */
export async function destroyInstance(
  services: Services,
  caller: Caller,
  key: string,
  policy: ErasePolicy | null = null,
): Promise<{ operation: Operation | null; instance: Instance }> {
  requireEnabled(services)
  const instance = await findInstance(services, key)
  if (instance.state === 'destroyed') return { operation: null, instance }
  if (!instanceCan('destroy', instance.state)) throw wrongState('destroy', instance)
  const current = await latestOperation(services.tools.db, { instanceId: instance.id })
  if (current && !current.endedAt) {
    const joined = await joinOrCancel(services, caller, instance, current)
    // it ended this very moment: what the instance is now decides
    return joined ?? destroyInstance(services, caller, instance.id, policy)
  }
  if (!instance.hostId) {
    await setInstanceState(services.tools.db, instance.id, 'destroyed')
    return { operation: null, instance: { ...instance, state: 'destroyed' } }
  }
  const offering = await findOffering(services, instance.offeringId)
  const erase = resolveErase(services.settings.erase, offering.erase, policy ?? instance.erase)
  const operation = await move(services, caller, instance, 'destroy', 'destroying', (hostId) => ({
    instanceId: instance.id,
    hostId,
    erase,
  }))
  return { operation, instance: { ...instance, state: 'destroying' } }
}

/** Null if the operation has ended meanwhile. */
async function joinOrCancel(
  services: Services,
  caller: Caller,
  instance: Instance,
  current: Operation,
): Promise<{ operation: Operation; instance: Instance } | null> {
  const { db, starter } = services.tools
  const to = joinedBy[current.kind]
  if (!to)
    throw new FerruleError(
      'held',
      `instance ${instance.name} is busy with operation ${current.number} (${current.kind})`,
      `Wait for it to end ("ferrule operation show ${current.number}"), then destroy again.`,
      { operation: current.id },
    )
  const live = await db.transaction(async (client) => {
    // the end of an operation takes this lock too: either it sees our wish, or we see its end
    await lockInstance(client, instance.id)
    if ((await operationById(client, current.id))?.endedAt !== null) return false
    if (current.kind !== 'destroy') {
      await requestCancel(client, current.id, 'destroy')
      await insertEvent(client, {
        kind: 'operation.cancel',
        operationId: current.id,
        instanceId: instance.id,
        message: `${caller.name} destroys the instance: operation ${current.number} is cut short`,
      })
    }
    await setInstanceState(client, instance.id, to)
    return true
  })
  if (!live) return null
  if (current.kind !== 'destroy') await starter.wake(current.id, {})
  return { operation: current, instance: { ...instance, state: to } }
}

/** Operations that a destroy does not have to wait for, and what the instance is until their end. */
const joinedBy: Partial<Record<Operation['kind'], InstanceState>> = {
  destroy: 'destroying',
  deploy: 'undoing',
  reinstall: 'undoing',
}

export async function attachNetwork(
  services: Services,
  caller: Caller,
  key: string,
  request: NicRequest,
): Promise<Operation> {
  requireEnabled(services)
  const instance = await findInstance(services, key)
  return changeNetworks(services, caller, instance, 'attach', await nicsWith(services, instance, request))
}

/** Its NICs and one more. */
export async function nicsWith(
  services: Services,
  instance: Instance,
  request: NicRequest,
): Promise<InstanceNic[]> {
  if (!instanceCan('attach', instance.state)) throw wrongState('attach', instance)
  const [nic] = await resolveNics(services, [{ ...request, isDefault: false }])
  if (!nic) throw new FerruleError('invalid-input', 'no network given', 'Name the network to attach.')
  if (instance.nics.some((one) => one.networkId === nic.networkId))
    throw new FerruleError(
      'conflict',
      `instance ${instance.name} is on this network already`,
      'Nothing to do.',
      { network: nic.networkId },
    )
  return [...instance.nics, nic]
}

/** A8: the default NIC's network cannot be removed. */
export async function detachNetwork(
  services: Services,
  caller: Caller,
  key: string,
  networkKey: string,
): Promise<Operation> {
  requireEnabled(services)
  const instance = await findInstance(services, key)
  return changeNetworks(
    services,
    caller,
    instance,
    'detach',
    await nicsWithout(services, instance, networkKey),
  )
}

/** Its NICs but the one in that network. */
export async function nicsWithout(
  services: Services,
  instance: Instance,
  networkKey: string,
): Promise<InstanceNic[]> {
  if (!instanceCan('detach', instance.state)) throw wrongState('detach', instance)
  const network: Network = await findNetwork(services, networkKey)
  const nic = instance.nics.find((one) => one.networkId === network.id)
  if (!nic)
    throw new FerruleError(
      'not-found',
      `instance ${instance.name} is not on network ${network.name}`,
      'Look at its NICs with "ferrule instance show".',
      { network: network.name },
    )
  if (nic.isDefault)
    throw new FerruleError(
      'wrong-state',
      `network ${network.name} is the default network of ${instance.name} and cannot be removed`,
      'Make another deployment with another default network.',
      { network: network.name },
    )
  return instance.nics.filter((one) => one !== nic)
}

/** A stopped server that is out of its networks carries no VLANs: only its record changes. */
export function isParked({ state, clearAt }: Instance): boolean {
  return state === 'stopped' && clearAt !== null
}

async function changeNetworks(
  services: Services,
  caller: Caller,
  instance: Instance,
  kind: 'attach' | 'detach',
  nics: InstanceNic[],
): Promise<Operation> {
  const { hostId } = instance
  if (!hostId)
    throw new FerruleError('wrong-state', `instance ${instance.name} has no host`, 'Deploy it again.')
  const parked = isParked(instance)
  return services.tools.db.transaction(async (client) => {
    const operation = await beginOperation(services, client, caller, {
      kind,
      hostId,
      instanceId: instance.id,
      input: { instanceId: instance.id, hostId, nics, before: instance.nics, parked },
    })
    await refuseIfChanged(client, instance, instance.state)
    return operation
  })
}

/** Under the hold nothing changes it any more: is it still what the NICs were worked out from? */
export async function refuseIfChanged(
  client: pg.PoolClient,
  instance: Instance,
  state: InstanceState,
): Promise<void> {
  const now = await instanceById(client, instance.id)
  if (now?.state === state && JSON.stringify(now.nics) === JSON.stringify(instance.nics)) return
  throw new FerruleError(
    'conflict',
    `instance ${instance.name} changed while its networks were being worked out`,
    'Try again: the next call sees it as it is now.',
    { state: now?.state ?? 'gone' },
  )
}

/** State, hold, record and engine start in one transaction: two calls at once cannot both win. */
async function move(
  services: Services,
  caller: Caller,
  instance: Instance,
  action: InstanceAction & ('start' | 'stop' | 'reboot' | 'destroy'),
  to: InstanceState,
  input: (hostId: string) => unknown,
  from: readonly InstanceState[] = statesFor(action),
): Promise<Operation> {
  if (!from.includes(instance.state)) throw wrongState(action, instance)
  const { hostId } = instance
  if (!hostId)
    throw new FerruleError(
      'wrong-state',
      `instance ${instance.name} has no host`,
      'Destroy it and deploy again.',
    )
  return services.tools.db.transaction(async (client: pg.PoolClient) => {
    if (!(await moveInstance(client, instance.id, from, to)))
      throw wrongState(action, (await instanceById(client, instance.id)) ?? instance)
    return beginOperation(services, client, caller, {
      kind: action,
      hostId,
      instanceId: instance.id,
      input: input(hostId),
    })
  })
}

export function wrongState(action: InstanceAction, instance: Instance): FerruleError {
  return new FerruleError(
    'wrong-state',
    `instance ${instance.name} is ${instance.state}: ${action} is possible only when it is ${statesFor(action).join(' or ')}`,
    `See "ferrule why instance ${instance.name}".`,
    { state: instance.state },
  )
}
