import { FerruleError } from '../../domain/errors.ts'
import type { Services } from '../../services/context.ts'
import { changeTenantData, rememberTenantData } from '../../services/tenant-data.ts'
import type { Answer } from '../answers.ts'
import { done } from '../answers.ts'
import type { NetworkCommand } from './commands.ts'
import { meaningOf } from './commands.ts'
import { noteNic } from './nic-news.ts'
import type { NetworkPayload } from './payload.ts'
import { keysOf, nicOf, parseNetworkPayload, vmDataOf } from './payload.ts'

/** CloudStack keeps it for the network and shows it again with each call; one that changes would be written each time. */
const device = { device: 'ferrule' }
/** It wants no output but the device's. */
const quiet = done(null)

/**
 * Ferrule as a NetworkOrchestrator: it listens. What comes and goes makes it look at CloudStack's records sooner, what a
 * tenant gave for the first boot is kept for the installation, and a service that it does not have is refused, because
 * somebody would rely on it.
 */
export async function answerNetwork(
  services: Services,
  hint: () => void,
  command: NetworkCommand,
  body: unknown,
): Promise<Answer> {
  switch (meaningOf(command)) {
    case 'device':
      return done(device)
    case 'nothing':
      return quiet
    case 'refused':
      throw notHere(command)
    case 'hint':
      hint()
      if (command === 'prepare-nic' || command === 'release-nic') {
        const nic = nicOf(parseNetworkPayload(body))
        if (nic) await noteNic(services, command === 'prepare-nic' ? 'reserved' : 'released', nic)
      }
      return quiet
    case 'data':
      await keep(services, command, parseNetworkPayload(body))
      return quiet
  }
}

/** While Ferrule works on nothing: only what would be lost is refused, so that networks can come and go. */
export function answerIdle(command: NetworkCommand): Answer | null {
  const meaning = meaningOf(command)
  if (meaning === 'device') return done(device)
  return meaning === 'hint' || meaning === 'nothing' ? quiet : null
}

async function keep(services: Services, command: NetworkCommand, payload: NetworkPayload): Promise<void> {
  const { nic_uuid: nicId, vm_data, userdata, sshkey } = payload
  if (!nicId)
    throw new FerruleError(
      'invalid-input',
      'CloudStack does not say whose NIC the user data is for',
      'Use CloudStack 4.23 or newer, whose payload has nic_uuid.',
    )
  if (command === 'save-userdata') return changeTenantData(services, nicId, { userData: userdata || null })
  if (command === 'save-sshkey') return changeTenantData(services, nicId, { sshKeys: keysOf(sshkey ?? '') })
  const data = vmDataOf(vm_data ?? [])
  if (data === null) return
  const { vm, hasPassword, ...tenantData } = data
  if (hasPassword) throw notHere('save-password')
  await rememberTenantData(services, { externalId: vm, nicId }, tenantData)
}

function notHere(command: NetworkCommand): FerruleError {
  if (command === 'save-password')
    return new FerruleError(
      'check-failed',
      'nobody can give a server of this network a password: it has no virtual router, and passwords go through nobody else',
      'Use SSH keys, and a template without a password.',
    )
  return new FerruleError(
    'check-failed',
    `Ferrule has no ${command}: it provides the service UserData of a network, and no other`,
    'Take Ferrule for UserData only in the network offering, and another provider, or none, for the rest.',
  )
}
