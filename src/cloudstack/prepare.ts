import { FerruleError } from '../domain/errors.ts'
import { chooseHost } from '../domain/planner.ts'
import { findOffering, resolveImage } from '../services/catalogue.ts'
import type { Services } from '../services/context.ts'
import { reservations, reserve } from '../store/holds.ts'
import { hostById, hostSituations } from '../store/hosts.ts'
import { imageFault } from '../workflows/deploy-checks.ts'
import { noHost } from '../workflows/deploy-host.ts'
import type { Answer } from './answers.ts'
import { done } from './answers.ts'
import { ensureOffering } from './catalogue.ts'
import type { CloudstackVm } from './payload.ts'

/** Chooses and holds a host for half an hour. The patch carries the proof that create wants to see: CloudStack can lose a prepare without a word. */
export async function prepare(services: Services, vm: CloudstackVm): Promise<Answer> {
  const { tools } = services
  if (vm.dataDisks > 0) {
    throw new FerruleError(
      'data-disk-refused',
      'a bare-metal server has its own disks: data disks cannot be attached',
      'Deploy without data disks.',
    )
  }
  if (!vm.nics.some((nic) => nic.isDefault))
    throw new FerruleError('check-failed', 'the VM has no default NIC', 'Choose a default network.')
  if (vm.image === null)
    throw new FerruleError(
      'check-failed',
      'the template names no MAAS image',
      'Set the detail External:image of the template, e.g. ubuntu/jammy.',
    )
  const fault = await imageFault(tools, resolveImage(services, vm.image), vm.architecture)
  if (fault) throw fault
  const offering = await findOffering(services, await ensureOffering(services, vm))
  for (let attempt = 0; attempt < 10; attempt++) {
    const reserved = await reservations(tools.db)
    const ours = reserved.find((one) => one.externalId === vm.uuid)
    if (ours) return patch(services, ours.hostId, ours.token)
    const choice = chooseHost(
      {
        offering,
        architecture: vm.architecture,
        networks: vm.nics.length,
        avoid: new Set(),
        reservedHostIds: new Set(reserved.map((one) => one.hostId)),
        reservedForUs: null,
      },
      await hostSituations(tools.db),
    )
    if (choice.hostId === null) throw noHost(offering.name, choice.refused)
    const token = tools.newId()
    if (await reserve(tools.db, vm.uuid, choice.hostId, token, services.settings.reservationTtl))
      return patch(services, choice.hostId, token)
  }
  throw new FerruleError(
    'no-host',
    'other VMs took every host that fits while this one looked',
    'Deploy again.',
  )
}

/** Only details: the MACs that CloudStack allocated stay, and keys with this prefix come back in every later payload. */
async function patch(services: Services, hostId: string, token: string): Promise<Answer> {
  const host = await hostById(services.tools.db, hostId)
  return done({ details: { 'External:ferrule_token': token, 'External:ferrule_host': host?.name ?? hostId } })
}
