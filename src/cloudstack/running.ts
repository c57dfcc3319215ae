import type { Instance, InstanceNic } from '../domain/instance.ts'
import { defaultNic } from '../domain/instance.ts'
import { portsDiffer } from '../services/drift.ts'
import { healNetworks } from '../services/heal.ts'
import { operationById } from '../store/operations.ts'
import type { Answer } from './answers.ts'
import { done, refused } from './answers.ts'
import type { Call, Present } from './call.ts'
import { cancelAndWait, refusedWith, stillAt, waitFor } from './call.ts'
import { rememberNetworks } from './catalogue.ts'
import { instanceNics } from './payload.ts'

/** create on a running VM: the answer to the first one was lost, or it is another request. */
export async function sameRequest(call: Call, found: Present): Promise<Answer> {
  const nics = instanceNics(call.vm)
  if (keyOf(nics) !== keyOf(found.instance.nics))
    return refused(`${call.vm.name} runs already, with other networks. Stop it and start it again.`)
  return ensurePorts(call, found, nics)
}

/** start on a running VM: its ports as this request says, and no power cycle. */
export async function ensureRunning(call: Call, found: Present): Promise<Answer> {
  const nics = instanceNics(call.vm)
  if (defaultNic(nics)?.mac !== defaultNic(found.instance.nics)?.mac)
    return refused(
      `${call.vm.name} runs already, and answers to another default MAC. Stop it; then give its default NIC the first MAC again, or reinstall.`,
    )
  return ensurePorts(call, found, nics)
}

async function ensurePorts(call: Call, found: Present, nics: InstanceNic[]): Promise<Answer> {
  const { services, caller, vm } = call
  const { instance, operation } = found
  if (operation) {
    const ended = await cancelAndWait(call, operation, 'start')
    return ended ? call.again() : stillAt(call, `${vm.name} is busy; try again`)
  }
  if (keyOf(nics) === keyOf(instance.nics) && !(await portsDiffer(services, instance))) return done()
  await rememberNetworks(services, vm)
  const begun = await healNetworks(services, caller, instance, nics)
  const ended = await waitFor(call, (now) => now.operation?.id !== begun.id || now.state === 'parked')
  const operationNow = await operationById(services.tools.db, begun.id)
  if (ended && operationNow?.state === 'succeeded') return done()
  return refusedWith(call, operationNow, `the ports of ${vm.name} are still being set; it goes on, try again`)
}

function keyOf(nics: Instance['nics']): string {
  return nics
    .map((nic) => `${nic.mac} ${nic.vlan} ${nic.isDefault}`)
    .sort()
    .join()
}
