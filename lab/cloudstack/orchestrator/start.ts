import { ApiError, failed, NO_CAPACITY } from '../api/api-error.ts'
import type { Cloud } from '../cloud.ts'
import { extensionOf, find } from '../find.ts'
import type { Details, Host, Vm } from '../state.ts'
import { ask, reason } from './ask.ts'
import { collectLater, implementNetworks, releaseNics, releaseToExtensions } from './guest-networks.ts'

/** start.retry is 10. */
const TRIES = 11

/**
 * A start, with a first start's prepare and create. Each failing try is followed by a stop, and by the next try at once.
 * A prepare that failed is not asked again: the VM is then created without it.
 */
export async function startVm(cloud: Cloud, vm: Vm): Promise<void> {
  if (vm.state === 'Running') return
  if (vm.state !== 'Stopped') throw failed(`VM ${vm.name} is not in the right state: ${vm.state}`)
  const host = chooseHost(cloud, vm)
  vm.state = 'Starting'
  vm.hostId = host.id
  cloud.touch()
  const last = await tries(cloud, vm)
  if (last === null) {
    vm.state = 'Running'
    vm.lastHostId = host.id
    vm.deployVm = false
    vm.details['Message.ReservedCapacityFreed.Flag'] = 'false'
    cloud.touch()
    return
  }
  giveUp(cloud, vm)
  throw new ApiError(
    NO_CAPACITY,
    `Unable to create a deployment for VM instance {"instanceName":"${vm.instanceName}","uuid":"${vm.id}"}: ${last}`,
    4250,
  )
}

/** null: it runs; else what the last try came to. */
async function tries(cloud: Cloud, vm: Vm): Promise<string | null> {
  let prepares = vm.deployVm && extensionOf(cloud, vm).requiresPrepare
  let last = ''
  for (let tried = 0; tried < TRIES; tried += 1) {
    const refused = prepares ? await prepare(cloud, vm) : null
    prepares = false
    // the VM goes on without its prepare, and never without its networks
    const unreached = await implementNetworks(cloud, vm)
    const why = refused ?? unreached
    const ran = why === null ? await ask(cloud, vm, vm.deployVm ? 'create' : 'start') : null
    if (ran?.ok) return null
    last = why ?? (ran === null ? '' : reason(ran))
    await ask(cloud, vm, 'stop')
    await releaseToExtensions(cloud, vm.nics)
  }
  return last
}

/** A VM that never ran is in Error, and its host forgets it: no delete will ever be called for it. */
function giveUp(cloud: Cloud, vm: Vm): void {
  vm.hostId = null
  vm.state = vm.deployVm ? 'Error' : 'Stopped'
  if (vm.deployVm) releaseNics(cloud, vm.nics)
  collectLater(cloud, vm)
  cloud.touch()
}

/**
 * Asks the extension what it wants to be changed before the VM is made: vncPassword, details, and of each NIC MAC and
 * addresses. Null: all is well; an exit code, or anything but JSON on either output, is a failure.
 */
async function prepare(cloud: Cloud, vm: Vm): Promise<string | null> {
  const ran = await ask(cloud, vm, 'prepare')
  if (!ran.ok) return reason(ran)
  if (ran.output.trim() === '') return null
  let patch: unknown
  try {
    patch = JSON.parse(ran.output)
  } catch {
    return `the answer to prepare is not JSON: ${ran.output.slice(0, 200)}`
  }
  merge(vm, patch)
  cloud.touch()
  return null
}

function merge(vm: Vm, patch: unknown): void {
  const { vncPassword, details, nics } = record(patch)
  if (typeof vncPassword === 'string') vm.vncPassword = vncPassword
  Object.assign(vm.details, texts(details))
  if (!Array.isArray(nics)) return
  for (const change of nics.map(record)) {
    const nic = vm.nics.find(({ id }) => id === change.nicUuid)
    if (nic === undefined) continue
    if (typeof change.mac === 'string') nic.mac = change.mac.toLowerCase()
    if (typeof change.ip === 'string') nic.ip = change.ip
    if (typeof change.ip6address === 'string') nic.ip6 = change.ip6address
  }
}

function texts(value: unknown): Details {
  return Object.fromEntries(Object.entries(record(value)).map(([key, text]) => [key, String(text)]))
}

function record(value: unknown): Record<string, unknown> {
  // Whatever has named parts may be looked into; an array's are numbers, which nobody asks for.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/**
 * The last host, if there is one. Else a host of the extension's clusters that has the first tag of the offering, or any
 * if that has none. Capacity is not looked at, nor whether a host failed before.
 */
function chooseHost(cloud: Cloud, vm: Vm): Host {
  const { state } = cloud
  const last = state.hosts.find(({ id }) => id === vm.lastHostId)
  if (last !== undefined) return last
  const extension = extensionOf(cloud, vm)
  if (extension.state !== 'Enabled' || !cloud.programs.isReady(extension.path))
    throw failed(`Extension is not ready: ${extension.name}`)
  const clusters = state.clusters.filter(({ extensionId }) => extensionId === extension.id)
  const [tag] = find(state.serviceOfferings, vm.offeringId).hostTags
  const fitting = state.hosts.filter(
    ({ clusterId, tags }) =>
      clusters.some(({ id }) => id === clusterId) && (tag === undefined || tags.includes(tag)),
  )
  const chosen = tag === undefined ? fitting[cloud.pick(fitting.length)] : fitting[0]
  if (chosen === undefined)
    throw new ApiError(
      NO_CAPACITY,
      `Unable to create a deployment for VM instance ${vm.instanceName}: no host fits`,
    )
  return chosen
}
