import { rebootInstance, stopInstance } from '../services/instances.ts'
import { retryOperation } from '../services/operations.ts'
import { stayStopped } from '../services/reinstall.ts'
import { hostById } from '../store/hosts.ts'
import { instanceClaim, setClear } from '../store/instances.ts'
import { operationById } from '../store/operations.ts'
import { readPower } from '../workflows/power.ts'
import type { Answer } from './answers.ts'
import { done } from './answers.ts'
import type { Call, Found, Present } from './call.ts'
import {
  begunSince,
  cancelAndWait,
  isClear,
  overtaken,
  refusedWith,
  refusedWithWhy,
  stillAt,
  waitFor,
} from './call.ts'
import { isPastClaim } from './create.ts'
import { stopPortsOf } from './stop-ports.ts'

/**
 * A stop succeeds once no frame of the VM can be in a tenant VLAN; CloudStack frees the VLAN whatever we say. What began
 * after the operation that is joined is another call's, and not stopped by this one.
 */
export async function joinUntilClear(
  call: Call,
  before: Present,
  joined: number | null = before.latest?.number ?? null,
): Promise<Answer> {
  const isOver = (now: Found) => isClear(now) || (joined !== null && begunSince(now, joined))
  const found = await waitFor(call, (now) => isOver(now) || now.state === 'parked' || now.state === 'running')
  if (!found)
    return stillAt(call, `${call.vm.name} is not off and clear of its networks yet; that goes on, try again`)
  if (isOver(found)) return done()
  // a cancel that came too late: what runs now is stopped like any other
  return call.again()
}

export async function stopRunning(call: Call, found: Present): Promise<Answer> {
  const { services, caller, vm } = call
  if (found.operation) {
    const ended = await cancelAndWait(call, found.operation, 'stop')
    return ended ? call.again() : stillAt(call, `${vm.name} is busy; try again`)
  }
  const begun = await stopInstance(services, caller, found.instance.id, {
    ports: stopPortsOf(vm),
  }).catch((error: unknown) => {
    if (!overtaken(error) || services.tools.now() >= call.by) throw error
    return null
  })
  return begun ? joinUntilClear(call, found, begun.number) : call.again()
}

/**
 * Before step 10 a stop means the create that is attached, or was cut short: it is cancelled. A create that was answered
 * "still deploying" is followed by a stop of CloudStack's own making: step 10 decides. Past it the VM is as good as running.
 * A VM that is being reinstalled stays stopped at the end.
 */
export async function stopDeploying(call: Call, found: Present): Promise<Answer> {
  const { services, caller } = call
  const { operation, instance } = found
  if (!operation) return call.again()
  // its disks are being erased, or are already: to cut it short would leave the VM without a system
  if (operation.kind === 'reinstall')
    return (await stayStopped(services, caller, instance)) ? joinUntilClear(call, found) : call.again()
  if (operation.kind === 'deploy') {
    if (await isPastClaim(call, operation.id)) {
      const ended = await waitFor(call, (now) => now.state !== 'deploying')
      return ended ? call.again() : stillAt(call, `${call.vm.name} is still deploying; it goes on, try again`)
    }
    const { claimedAt } = await instanceClaim(services.tools.db, instance.id)
    if (claimedAt === null) return done()
  }
  await cancelAndWait(call, operation, 'stop')
  return joinUntilClear(call, found)
}

/** Off by a fresh reading, or somebody pressed its button. */
export async function stopIfOn(call: Call, found: Present): Promise<Answer> {
  const { services, caller } = call
  const host = found.instance.hostId ? await hostById(services.tools.db, found.instance.hostId) : null
  if (!host || (await readPower(services.tools, host)) === 'off') return done()
  // clear is no longer true: its ports may be parked, but it can send frames in the PXE VLAN
  await setClear(services.tools.db, found.instance.id, false)
  const { number } = await stopInstance(services, caller, found.instance.id, {
    stray: true,
    ports: stopPortsOf(call.vm),
  })
  return joinUntilClear(call, found, number)
}

/** The blocked step is tried once more; its next failure is the answer. */
export async function retryUntilClear(call: Call, found: Present): Promise<Answer> {
  const { operation } = found
  if (isClear(found)) return done()
  if (!operation?.parked) return call.again()
  const { attempts } = operation.parked
  await retryOperation(call.services, call.caller, operation.id)
  const now = await waitFor(
    call,
    (seen) => isClear(seen) || seen.state !== 'parked' || (seen.operation?.parked?.attempts ?? 0) > attempts,
  )
  if (now && isClear(now)) return done()
  return now && now.state !== 'parked' ? call.again() : refusedWithWhy(call, found)
}

/** As retryUntilClear; a reinstall that gets through at last leaves the VM stopped. */
export async function stopParked(call: Call, found: Present): Promise<Answer> {
  await stayStopped(call.services, call.caller, found.instance)
  return retryUntilClear(call, found)
}

/** The blocked step is tried once more; what the VM is then decides. */
export async function retryThenAgain(call: Call, found: Present): Promise<Answer> {
  const { operation } = found
  if (!operation?.parked) return call.again()
  const { attempts } = operation.parked
  await retryOperation(call.services, call.caller, operation.id)
  const now = await waitFor(
    call,
    (seen) => seen.state !== 'parked' || (seen.operation?.parked?.attempts ?? 0) > attempts,
  )
  return now && now.state !== 'parked' ? call.again() : refusedWithWhy(call, found)
}

export async function reboot(call: Call, { instance, operation }: Present): Promise<Answer> {
  const { services, caller, vm } = call
  if (operation && operation.kind !== 'reboot') return stillAt(call, `${vm.name} is busy; try again`)
  const { id } = operation ?? (await rebootInstance(services, caller, instance.id))
  const ended = await waitFor(call, (now) => now.operation?.id !== id || now.state === 'parked')
  const result = await operationById(services.tools.db, id)
  if (ended && result?.state === 'succeeded') return done()
  return refusedWith(call, result, `${vm.name} is still rebooting; it goes on, try again`)
}
