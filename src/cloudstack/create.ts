import { FerruleError } from '../domain/errors.ts'
import type { Instance } from '../domain/instance.ts'
import type { Caller, Services } from '../services/context.ts'
import { beginDeploy, prepareDeploy } from '../services/deploy.ts'
import { startInstance } from '../services/instances.ts'
import { reservations } from '../store/holds.ts'
import { attemptsOfExternal, instanceByExternalId, setInstanceNics } from '../store/instances.ts'
import type { Answer } from './answers.ts'
import { done, refused } from './answers.ts'
import { ensureOffering, ensureTemplate, rememberNetworks } from './catalogue.ts'
import type { CloudstackVm } from './payload.ts'
import { instanceNics } from './payload.ts'
import { waitForInstance } from './waiting.ts'

/** A VM gets at most this many attempts with effects in this time, on different hosts: CloudStack itself retries eleven times in seconds. */
const BUDGET = 2
const BUDGET_WINDOW = 45 * 60_000

/** create: joined by VM uuid, so that retries, killed calls and calls to another replica meet the same operation. */
export async function create(
  services: Services,
  caller: Caller,
  vm: CloudstackVm,
  by: number,
): Promise<Answer> {
  const instance = await instanceByExternalId(services.tools.db, vm.uuid)
  if (!instance) return firstCreate(services, caller, vm, by)
  switch (instance.state) {
    case 'destroyed':
      return firstCreate(services, caller, vm, by)
    case 'deploying':
      return attachTo(services, instance, vm, by)
    case 'running':
      return sameNics(instance, vm)
        ? done()
        : refused(`${vm.name} runs already, with other networks. Stop it and start it again.`)
    case 'stopping': {
      const stopped = await waitForInstance(services, instance.id, (now) => now.state !== 'stopping', by)
      return stopped ? create(services, caller, vm, by) : refused(`${vm.name} is still stopping. Try again.`)
    }
    case 'stopped':
      return start(services, caller, vm, by)
    case 'undoing': {
      const ended = await waitForInstance(services, instance.id, (now) => now.state !== 'undoing', by)
      return ended
        ? create(services, caller, vm, by)
        : refused(`an earlier deployment of ${vm.name} is still being undone. Try again.`)
    }
    case 'failed':
      return afterFailure(services, caller, instance, vm, by)
    default:
      return refused(`${vm.name} is ${instance.state}. See "ferrule why instance ${instance.name}".`)
  }
}

async function firstCreate(
  services: Services,
  caller: Caller,
  vm: CloudstackVm,
  by: number,
): Promise<Answer> {
  const ours = (await reservations(services.tools.db)).find((one) => one.externalId === vm.uuid)
  if (!ours || ours.token !== vm.token) {
    return refused(
      new FerruleError(
        'check-failed',
        `no host is prepared for ${vm.name}`,
        'Deploy again; if this repeats, look whether the extension is registered with orchestratorrequirespreparevm=true.',
      ),
    )
  }
  return deploy(services, caller, vm, by, [])
}

async function deploy(
  services: Services,
  caller: Caller,
  vm: CloudstackVm,
  by: number,
  avoid: string[],
): Promise<Answer> {
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
    instanceNics(vm),
    vm.uuid,
  )
  prepared.input.avoid = avoid
  const { instance } = await beginDeploy(services, caller, prepared, true)
  return untilRunning(services, instance, vm, by)
}

async function attachTo(
  services: Services,
  instance: Instance,
  vm: CloudstackVm,
  by: number,
): Promise<Answer> {
  await rememberNetworks(services, vm)
  await setInstanceNics(services.tools.db, instance.id, instanceNics(vm))
  return untilRunning(services, instance, vm, by)
}

async function untilRunning(
  services: Services,
  instance: Instance,
  vm: CloudstackVm,
  by: number,
): Promise<Answer> {
  const ended = await waitForInstance(
    services,
    instance.id,
    (now) => now.state !== 'deploying' && now.state !== 'undoing',
    by,
    { claim: true },
  )
  if (!ended) return refused(`${vm.name} is still deploying. It goes on; try again.`)
  if (ended.state === 'running') return done()
  return refused(
    ended.error ? `${ended.error.message}. ${ended.error.remedy}` : `${vm.name} is ${ended.state}`,
  )
}

/** A refusal without effects is simply checked again; after effects another host is tried while the budget lasts. */
async function afterFailure(
  services: Services,
  caller: Caller,
  instance: Instance,
  vm: CloudstackVm,
  by: number,
): Promise<Answer> {
  const since = services.tools.now() - BUDGET_WINDOW
  const attempts = (await attemptsOfExternal(services.tools.db, vm.uuid)).filter(
    (one) => one.hadEffects && Date.parse(one.at) > since,
  )
  if (attempts.length >= BUDGET)
    return refused(
      instance.error ? `${instance.error.message}. ${instance.error.remedy}` : `${vm.name} failed twice`,
    )
  return deploy(
    services,
    caller,
    vm,
    by,
    attempts.map((one) => one.hostId),
  )
}

/** start: with the VLANs of this very payload, never from memory. */
export async function start(
  services: Services,
  caller: Caller,
  vm: CloudstackVm,
  by: number,
): Promise<Answer> {
  const instance = await instanceByExternalId(services.tools.db, vm.uuid)
  const unknown = refused(`${vm.name} is unknown here: it has never been deployed by Ferrule.`)
  if (!instance) return unknown
  switch (instance.state) {
    case 'destroyed':
      return unknown
    case 'deploying':
      return attachTo(services, instance, vm, by)
    case 'running':
      return sameNics(instance, vm)
        ? done()
        : refused(`${vm.name} runs already, with other networks. Stop it and start it again.`)
    case 'stopping': {
      const stopped = await waitForInstance(services, instance.id, (now) => now.state !== 'stopping', by)
      return stopped ? start(services, caller, vm, by) : refused(`${vm.name} is still stopping. Try again.`)
    }
    case 'stopped': {
      await rememberNetworks(services, vm)
      await startInstance(services, caller, instance.id, instanceNics(vm))
      const ended = await waitForInstance(
        services,
        instance.id,
        (now) => now.state !== 'deploying' && now.state !== 'undoing',
        by,
      )
      if (ended?.state === 'running') return done()
      return refused(
        ended?.error
          ? `${ended.error.message}. ${ended.error.remedy}`
          : `${vm.name} is still starting. Try again.`,
      )
    }
    case 'failed':
      return refused(
        instance.error ? `${instance.error.message}. ${instance.error.remedy}` : `${vm.name} has failed.`,
      )
    default:
      return refused(`${vm.name} is ${instance.state}. See "ferrule why instance ${instance.name}".`)
  }
}

function sameNics(instance: Instance, vm: CloudstackVm): boolean {
  const key = (nics: readonly { mac: string; vlan: number | null }[]) =>
    nics
      .map((nic) => `${nic.mac} ${nic.vlan}`)
      .sort()
      .join()
  return key(instance.nics) === key(vm.nics)
}
