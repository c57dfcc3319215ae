import { destroyInstance } from '../services/instances.ts'
import { why } from '../services/why.ts'
import { dropReservation } from '../store/holds.ts'
import { forgetTenantData } from '../store/tenant-data.ts'
import type { Answer } from './answers.ts'
import { done } from './answers.ts'
import type { Call, Found, Present } from './call.ts'
import { cancelAndWait, isClear, overtaken, stillAt, waitFor } from './call.ts'
import { retryUntilClear } from './stop.ts'

/** delete of a VM that is not here: only what prepare may have kept for it goes. */
export async function forget({ services, vm }: Call): Promise<Answer> {
  await dropReservation(services.tools.db, vm.uuid)
  await forgetTenantData(services.tools.db, vm.uuid)
  return done()
}

const endsAsDestroyed: ReadonlySet<string> = new Set(['deploy', 'reinstall', 'destroy'])

/** A stop that is under way ends soon; a reinstall that leaves the VM stopped may take long, and is pointless now. */
export async function destroyStopping(call: Call, found: Present): Promise<Answer> {
  if (found.operation?.kind === 'reinstall') return destroy(call, found)
  return (await waitFor(call, (now) => now.state !== 'stopping'))
    ? call.again()
    : stillAt(call, `${call.vm.name} is still stopping; it goes on, try again`)
}

/** What blocks an installation blocks its undo too, but once it gets through it must end as destroyed. */
export async function destroyParked(call: Call, found: Present): Promise<Answer> {
  const { operation, instance } = found
  if (operation && operation.kind !== 'destroy' && endsAsDestroyed.has(operation.kind))
    await destroyInstance(call.services, call.caller, instance.id)
  return retryUntilClear(call, found)
}

/** The VM is gone for CloudStack once it is clear; wiping goes on without it. */
export async function destroy(call: Call, found: Present): Promise<Answer> {
  const { services, caller, vm } = call
  const { operation, instance } = found
  await dropReservation(services.tools.db, vm.uuid)
  await forgetTenantData(services.tools.db, vm.uuid)
  // a start, a reboot or a change of networks is cut short; an installation becomes a destruction by itself
  if (operation && !endsAsDestroyed.has(operation.kind)) {
    const ended = await cancelAndWait(call, operation, 'delete')
    return ended ? call.again() : stillAt(call, `${vm.name} is busy; try again`)
  }
  try {
    await destroyInstance(services, caller, instance.id)
  } catch (error) {
    if (!overtaken(error) || services.tools.now() >= call.by) throw error
    return call.again()
  }
  const clear = await waitFor(call, (now) => isClear(now) || now.state === 'parked')
  if (!clear)
    return stillAt(call, `${vm.name} is not clear of its networks yet; destroying goes on, try again`)
  // a deployment whose stop was asked for before ends as failed: nothing of it is left to destroy but its record
  return clear.state === 'failed' && found.state !== 'failed' ? call.again() : answerOf(call, clear)
}

function answerOf(call: Call, found: Found): Promise<Answer> | Answer {
  return isClear(found) ? done() : call.again()
}

export async function whyVm({ services, vm }: Call, { instance }: Found): Promise<Answer> {
  const message = instance
    ? await why(services, 'instance', instance.id)
    : `${vm.name} is unknown here: it has never been deployed by Ferrule, or is destroyed.`
  return done({ status: 'success', message, printmessage: 'true' })
}
