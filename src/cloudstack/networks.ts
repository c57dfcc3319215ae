import { FerruleError } from '../domain/errors.ts'
import { attachNetwork, detachNetwork } from '../services/instances.ts'
import type { Operation } from '../store/operations.ts'
import type { Answer } from './answers.ts'
import { done } from './answers.ts'
import type { Call, Present } from './call.ts'

/**
 * CloudStack cannot add a NIC to a running VM of an extension, and does not tell whose a network is: what this names is
 * not checked against its account, so that only its root administrator may.
 */
export async function attach({ services, caller, vm }: Call, { instance }: Present): Promise<Answer> {
  if (!vm.byRootAdmin)
    throw new FerruleError(
      'forbidden',
      'only an administrator of the whole cloud may attach a network while a server runs',
      'Stop the VM, add the NIC to it in CloudStack, and start it.',
    )
  const { mac } = vm.parameters
  return begun(await attachNetwork(services, caller, instance.id, { network: networkOf(vm), mac }))
}

export async function detach({ services, caller, vm }: Call, { instance }: Present): Promise<Answer> {
  return begun(await detachNetwork(services, caller, instance.id, networkOf(vm)))
}

function networkOf(vm: Call['vm']): string {
  const { network } = vm.parameters
  if (network !== undefined) return network
  throw new FerruleError('invalid-input', 'no network is named', 'Fill in the parameter network.')
}

function begun({ number }: Operation): Answer {
  return done({ status: 'success', message: `started, operation ${number}`, printmessage: 'true' })
}
