import { tiedByCloudHost } from '../domain/cloud-host.ts'
import { FerruleError } from '../domain/errors.ts'
import { defaultNic } from '../domain/instance.ts'
import { tiedByMac } from '../domain/planner.ts'
import { offerings } from '../services/catalogue.ts'
import { beginDeploy } from '../services/deploy.ts'
import { startInstance } from '../services/instances.ts'
import { prepareDeploy } from '../services/prepare-deploy.ts'
import { dropReservation, reservations } from '../store/holds.ts'
import { hostById, hostSituations } from '../store/hosts.ts'
import { setInstanceNics, unclaimInstance } from '../store/instances.ts'
import type { Operation } from '../store/operations.ts'
import { stepsOf } from '../store/operations.ts'
import { refusedPrepare } from '../store/refused-prepares.ts'
import type { Answer } from './answers.ts'
import { done, refused } from './answers.ts'
import { failuresWithEffects, remembered } from './budget.ts'
import type { Call, Found, Present } from './call.ts'
import { concerns, overtaken, refusedWithWhy, stillAt, waitFor } from './call.ts'
import { ensureOffering, ensureTemplate, rememberNetworks } from './catalogue.ts'
import { defaultMac, refuseOtherMac } from './mac-policy.ts'
import { instanceNics } from './payload.ts'
import { wouldChoose } from './prepare.ts'
import { otherSize } from './size.ts'

/** CloudStack can lose a prepare without a word, and runs the VM all the same: without our token nothing is done. */
export async function createFirst(call: Call): Promise<Answer> {
  const { services, vm } = call
  const ours = (await reservations(services.tools.db)).find((one) => one.externalId === vm.uuid)
  if (ours && ours.token === vm.token) {
    const host = await hostById(services.tools.db, ours.hostId)
    if (host) refuseOtherMac(call, host)
    return deploy(call, [])
  }
  const why = await refusedPrepare(services.tools.db, vm.uuid)
  if (why) return refused(why)
  return refused(
    new FerruleError(
      'check-failed',
      `no host is prepared for ${vm.name}`,
      'Deploy again; if this repeats, look whether the extension is registered with orchestratorrequirespreparevm=true.',
    ),
  )
}

/** A refusal without effects is simply checked again; after effects another host is tried while the budget lasts. */
export async function createAfterFailure(call: Call, { instance }: Present): Promise<Answer> {
  const { services, vm } = call
  const failures = await failuresWithEffects(call)
  const spent = await remembered(call, instance, failures)
  if (spent) return spent
  const avoid = failures.map((one) => one.hostId)
  // the first error says more than "no host is left", which would take its place
  if (failures.length > 0 && (await wouldChoose(call, avoid, defaultMac(vm))).hostId === null)
    return refused(
      {
        message: instance.error?.message ?? `${vm.name} failed`,
        remedy: `${await noOther(call)} ${instance.error?.remedy ?? ''}`.trim(),
      },
      await concerns(call, instance),
    )
  await dropReservation(services.tools.db, vm.uuid)
  return deploy(call, avoid)
}

/** Prepare is not asked again for this VM: with a host's own MAC, or on CloudStack's host for a machine, it is tied to one. */
async function noOther({ services, vm }: Call): Promise<string> {
  const fleet = await hostSituations(services.tools.db)
  const [tie] = [...tiedByMac(fleet, defaultMac(vm)), ...tiedByCloudHost(fleet, vm.machine)]
  return tie
    ? `No other host can take it over, because ${tie.because}: destroy it and deploy anew.`
    : 'No other host is free for another attempt.'
}

async function deploy(call: Call, avoid: string[]): Promise<Answer> {
  const { services, caller, vm } = call
  const nics = instanceNics(vm)
  await rememberNetworks(services, vm)
  const prepared = await prepareDeploy(
    services,
    {
      name: vm.name,
      hostname: vm.hostname,
      template: await ensureTemplate(services, vm),
      offering: await ensureOffering(services, vm),
      nics: [],
      dataDisks: Array.from({ length: vm.dataDisks }),
      ...(vm.erase ? { erase: vm.erase } : {}),
    },
    nics,
    vm.uuid,
  )
  prepared.input.avoid = avoid
  prepared.input.only = tiedByCloudHost(await hostSituations(services.tools.db), vm.machine)
  try {
    const { instance } = await beginDeploy(services, caller, prepared, true)
    return await untilRunning(call, instance.id)
  } catch (error) {
    // the same create, called twice at once: this one joins the other
    if (overtaken(error) && (await joinable(call))) return call.again()
    throw error
  }
}

async function joinable(call: Call): Promise<boolean> {
  return (await waitFor(call, () => true))?.state === 'deploying'
}

/** Joins what is under way. Before step 10 of a deployment the newest NICs win; later they are compared at its end. */
export async function attach(call: Call, found: Present): Promise<Answer> {
  const { services, vm } = call
  if (found.operation?.kind === 'reinstall') return afterReinstall(call, found.operation)
  const nics = instanceNics(vm)
  await rememberNetworks(services, vm)
  if (found.operation?.kind === 'deploy' && !(await isPastClaim(call, found.operation.id)))
    await setInstanceNics(services.tools.db, found.instance.id, nics)
  return untilRunning(call, found.instance.id)
}

/** It decides by itself whether the VM runs at its end; a VM that it leaves stopped is then started with this payload. */
async function afterReinstall(call: Call, reinstall: Operation): Promise<Answer> {
  const ended = await waitFor(call, (now) => now.operation?.id !== reinstall.id || now.state === 'parked')
  return ended
    ? call.again()
    : stillAt(call, `${call.vm.name} is still being reinstalled; it goes on, try again`)
}

/** Past step 10 the ports are being set with the NICs that were claimed. */
export async function isPastClaim({ services }: Call, operationId: string): Promise<boolean> {
  return (await stepsOf(services.tools.db, operationId)).some(
    (step) => step.name === 'ports' && step.direction === 'do',
  )
}

async function untilRunning(call: Call, instanceId: string): Promise<Answer> {
  const { services, vm } = call
  const ended = await waitFor(call, ({ state }) => state !== 'deploying' && state !== 'undoing', {
    claim: instanceId,
  })
  if (ended?.state === 'running') return call.again()
  if (ended) return refusedWithItsError(call, ended)
  // whoever was answered has given the VM up; a process that was killed may come back and still means it
  if (!call.gone.aborted) await unclaimInstance(services.tools.db, instanceId)
  return stillAt(call, `${vm.name} is still deploying; it goes on, try again`)
}

/** A stopped VM: with the VLANs of this very payload, never from memory. */
export async function startAgain(call: Call, { instance, operation }: Present): Promise<Answer> {
  const { services, caller, vm } = call
  const nics = instanceNics(vm)
  const mac = defaultNic(nics)?.mac
  const was = defaultNic(instance.nics)?.mac
  if (mac !== was)
    return refused(
      `the default NIC of ${vm.name} has MAC ${mac ?? 'none'}, but its installed system answers to ${was ?? 'none'}. Give the NIC its first MAC again, or reinstall.`,
    )
  if (operation) {
    const ended = await waitFor(call, (now) => now.operation?.id !== operation.id)
    return ended ? call.again() : stillAt(call, `${vm.name} is busy; try again`)
  }
  const deployed = (await offerings(services)).find(({ id }) => id === instance.offeringId)
  const resized = deployed ? otherSize(vm, deployed) : null
  if (resized) return refused(resized)
  await rememberNetworks(services, vm)
  try {
    await startInstance(services, caller, instance.id, nics)
  } catch (error) {
    if (overtaken(error) && (await joinable(call))) return call.again()
    throw error
  }
  return untilStarted(call, instance.id)
}

async function untilStarted(call: Call, instanceId: string): Promise<Answer> {
  const ended = await waitFor(call, ({ state }: Found) => state !== 'deploying' && state !== 'undoing', {
    claim: instanceId,
  })
  if (ended?.state === 'running') return done()
  return ended
    ? refusedWithItsError(call, ended)
    : stillAt(call, `${call.vm.name} is still starting; it goes on, try again`)
}

/** What ended it says more than its state. */
async function refusedWithItsError(call: Call, { instance, ...found }: Found): Promise<Answer> {
  if (instance === null) return refused(`${call.vm.name} was destroyed meanwhile.`)
  if (instance.error) return refused(instance.error, await concerns(call, instance))
  return refusedWithWhy(call, { ...found, instance })
}
