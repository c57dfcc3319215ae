import type { Instance } from '../domain/instance.ts'
import type { Caller, Services } from '../services/context.ts'
import { destroyInstance, rebootInstance, stopInstance } from '../services/instances.ts'
import { retryOperation } from '../services/operations.ts'
import { hostById } from '../store/hosts.ts'
import { instanceByExternalId } from '../store/instances.ts'
import { latestOperation, requestCancel } from '../store/operations.ts'
import { readPower } from '../workflows/power.ts'
import type { Answer } from './answers.ts'
import { done, refused } from './answers.ts'
import type { CloudstackVm } from './payload.ts'
import { waitForInstance } from './waiting.ts'

const isClear = (instance: Instance) => instance.clearAt !== null || instance.state === 'destroyed'

/** stop: succeeds once no frame of the VM can be in a tenant VLAN; CloudStack frees the VLAN whatever we say. */
export async function stop(
  services: Services,
  caller: Caller,
  vm: CloudstackVm,
  by: number,
): Promise<Answer> {
  const instance = await instanceByExternalId(services.tools.db, vm.uuid)
  if (!instance || instance.state === 'destroyed' || instance.state === 'failed') return done()
  const operation = await latestOperation(services.tools.db, { instanceId: instance.id })
  const running = operation && !operation.endedAt ? operation : null
  if (instance.state === 'deploying' && running) {
    await requestCancel(services.tools.db, running.id, 'stop')
    await services.tools.starter.wake(running.id, {})
  } else if (instance.state === 'running') {
    await stopInstance(services, caller, instance.id)
  } else if (running?.parked) {
    await retryOperation(services, caller, running.id)
  }
  const clear = await waitForInstance(
    services,
    instance.id,
    (now) => isClear(now) || (now.state === 'stopped' && now.clearAt === null),
    by,
  )
  return clear
    ? done()
    : refused(`${vm.name} is not off yet. Stopping goes on; see "ferrule why instance ${instance.name}".`)
}

/** delete: the VM is gone for CloudStack once it is clear; wiping goes on without it. */
export async function remove(
  services: Services,
  caller: Caller,
  vm: CloudstackVm,
  by: number,
): Promise<Answer> {
  const instance = await instanceByExternalId(services.tools.db, vm.uuid)
  if (!instance || instance.state === 'destroyed') return done()
  const stopping =
    instance.state === 'stopping'
      ? await waitForInstance(services, instance.id, (now) => now.state !== 'stopping', by)
      : instance
  if (!stopping) return refused(`${vm.name} is still stopping. Try again.`)
  await destroyInstance(services, caller, instance.id)
  const clear = await waitForInstance(services, instance.id, isClear, by)
  return clear
    ? done()
    : refused(
        `${vm.name} is not clear of its networks yet. Destroying goes on; see "ferrule why instance ${instance.name}".`,
      )
}

export async function reboot(
  services: Services,
  caller: Caller,
  vm: CloudstackVm,
  by: number,
): Promise<Answer> {
  const instance = await instanceByExternalId(services.tools.db, vm.uuid)
  if (instance?.state !== 'running')
    return refused(
      `${vm.name} is ${instance?.state ?? 'unknown here'}: only a running server can be rebooted.`,
    )
  const operation = await rebootInstance(services, caller, instance.id)
  for (;;) {
    const now = await latestOperation(services.tools.db, { instanceId: instance.id })
    if (now?.id !== operation.id || now.endedAt)
      return now?.state === 'succeeded'
        ? done()
        : refused(now?.error ? `${now.error.message}. ${now.error.remedy}` : `${vm.name} was not rebooted`)
    if (services.tools.now() >= by) return refused(`${vm.name} is still rebooting.`)
    await services.tools.sleep(100)
  }
}

/**
 * status, by what is known and a fresh reading. "deploying" is never reported on (CloudStack would take the VM for
 * running), and no off before on was seen; an unknown power is a failure, which leaves CloudStack's state unchanged.
 */
export async function status(services: Services, vm: CloudstackVm): Promise<Answer> {
  const instance = await instanceByExternalId(services.tools.db, vm.uuid)
  const off = done({ status: 'success', power_state: 'PowerOff' })
  if (!instance) return refused(`${vm.name} is unknown here`)
  switch (instance.state) {
    case 'destroyed':
      return refused(`${vm.name} is unknown here`)
    case 'deploying':
      return refused(`${vm.name} is deploying`)
    case 'running': {
      const host = instance.hostId ? await hostById(services.tools.db, instance.hostId) : null
      if (!host) return refused(`${vm.name} has no host`)
      const power = await readPower(services.tools, host)
      return done({ status: 'success', power_state: power === 'on' ? 'PowerOn' : 'PowerOff' })
    }
    case 'stopped':
    case 'failed':
      return off
    default:
      return isClear(instance) ? off : refused(`${vm.name} is ${instance.state}`)
  }
}
