import { tiedByCloudHost } from '../domain/cloud-host.ts'
import { FerruleError } from '../domain/errors.ts'
import { defaultNic } from '../domain/instance.ts'
import type { Choice } from '../domain/planner.ts'
import { chooseHost, tiedByMac } from '../domain/planner.ts'
import { findOffering, resolveImage } from '../services/catalogue.ts'
import { dropReservation, reservations, reserve } from '../store/holds.ts'
import { hostById, hostSituations } from '../store/hosts.ts'
import { forgetRefusedPrepare, noteRefusedPrepare } from '../store/refused-prepares.ts'
import { noHost } from '../workflows/deploy-host.ts'
import { chooseInTurn } from '../workflows/in-turn.ts'
import { imageFault } from '../workflows/install-checks.ts'
import { lagSwitches } from '../workflows/lags.ts'
import { hostsOwnInCloud } from '../workflows/own-in-cloud.ts'
import type { Answer } from './answers.ts'
import { done } from './answers.ts'
import { failuresWithEffects, remembered } from './budget.ts'
import type { Call, Present } from './call.ts'
import { ensureOffering } from './catalogue.ts'
import { defaultMac, macPatch, macPolicyOf } from './mac-policy.ts'
import { refuseUnknownStopPorts } from './stop-ports.ts'

/**
 * CloudStack asks for the create of a VM whose prepare was refused, and what its user sees is the answer to that: so the
 * reason is kept for it.
 */
export async function prepare(call: Call): Promise<Answer> {
  const { db } = call.services.tools
  const { uuid } = call.vm
  try {
    const answer = await reserveHost(call, [])
    await forgetRefusedPrepare(db, uuid)
    return answer
  } catch (error) {
    if (error instanceof FerruleError) await noteRefusedPrepare(db, uuid, error)
    throw error
  }
}

/** Chooses and holds a host for half an hour. The patch carries the proof that create wants to see: CloudStack can lose a prepare without a word. */
async function reserveHost(call: Call, avoid: readonly string[]): Promise<Answer> {
  const { services, vm } = call
  const { tools } = services
  if (vm.dataDisks > 0) {
    throw new FerruleError(
      'data-disk-refused',
      'a bare-metal server has its own disks: data disks cannot be attached',
      'Deploy without data disks.',
    )
  }
  refuseUnknownStopPorts(vm)
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
  // of a host that failed before: it is to be replaced
  const mac = macPolicyOf(call) === 'host' ? undefined : defaultMac(vm)
  const offering = await findOffering(services, await ensureOffering(services, vm))
  for (let attempt = 0; attempt < 10; attempt++) {
    const reserved = await chooseInTurn(tools.db, async () => {
      const ours = (await reservations(tools.db)).find((one) => one.externalId === vm.uuid)
      if (ours && !avoid.includes(ours.hostId)) return ours
      if (ours) await dropReservation(tools.db, vm.uuid)
      const { hostId, refused } = await wouldChoose(call, avoid, mac)
      if (hostId === null) throw noHost(offering.name, refused)
      const token = tools.newId()
      const won = await reserve(tools.db, vm.uuid, hostId, token, services.settings.reservationTtl)
      return won ? { hostId, token } : null
    })
    if (reserved) return patch(call, reserved.hostId, reserved.token)
  }
  throw new FerruleError(
    'no-host',
    'other VMs took every host that fits while this one looked',
    'Deploy again.',
  )
}

/**
 * The planner's answer for this VM now; reads only.
 * @param mac that its default NIC will have; undefined: of whatever host is chosen
 */
export async function wouldChoose(
  call: Call,
  avoid: readonly string[],
  mac: string | undefined,
): Promise<Choice> {
  const { services, vm } = call
  const { db } = services.tools
  const reserved = (await reservations(db)).filter((one) => one.externalId !== vm.uuid)
  const offering = await findOffering(services, await ensureOffering(services, vm))
  const fleet = await hostSituations(db)
  return chooseHost(
    {
      offering,
      architecture: vm.architecture,
      networks: vm.nics.length,
      avoid: new Set(avoid),
      reservedHostIds: new Set(reserved.map((one) => one.hostId)),
      reservedForUs: null,
      lagSwitches: await lagSwitches(services.tools, offering.bondMode),
      ownInCloud: vm.machine === null ? await hostsOwnInCloud(db) : new Map(),
      only: [...tiedByMac(fleet, mac), ...tiedByCloudHost(fleet, vm.machine)],
    },
    fleet,
  )
}

export async function prepareAfterFailure(call: Call, found: Present): Promise<Answer> {
  const failures = await failuresWithEffects(call)
  return (
    (await remembered(call, found.instance, failures)) ??
    reserveHost(
      call,
      failures.map((one) => one.hostId),
    )
  )
}

/** A VM that lives here keeps its host: nothing is prepared anew. */
export async function samePatch({ services, vm }: Call, { instance }: Present): Promise<Answer> {
  const host = instance.hostId ? await hostById(services.tools.db, instance.hostId) : null
  const tied = host !== null && defaultNic(instance.nics)?.mac === host.bootMac
  return done({
    ...(tied ? macPatch(vm, host) : {}),
    details: {
      'External:ferrule_token': vm.token ?? instance.id,
      ...(host ? { 'External:ferrule_host': host.name } : {}),
    },
  })
}

/** Keys with this prefix come back in every later payload. The MACs that CloudStack allocated stay unless the policy says otherwise. */
async function patch(call: Call, hostId: string, token: string): Promise<Answer> {
  const host = await hostById(call.services.tools.db, hostId)
  return done({
    ...(host && macPolicyOf(call) === 'host' ? macPatch(call.vm, host) : {}),
    details: { 'External:ferrule_token': token, 'External:ferrule_host': host?.name ?? hostId },
  })
}
