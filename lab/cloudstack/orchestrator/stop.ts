import { failed } from '../api/api-error.ts'
import type { Cloud } from '../cloud.ts'
import type { Vm } from '../state.ts'
import { ask, reason } from './ask.ts'
import { collectLater, releaseNics, releaseToExtensions } from './guest-networks.ts'

/** `forced`: the VM is Stopped whatever the extension said. */
export async function stopVm(cloud: Cloud, vm: Vm, forced: boolean): Promise<void> {
  if (vm.state === 'Stopped' || vm.state === 'Error' || vm.state === 'Destroyed') return
  const before = vm.state
  vm.state = 'Stopping'
  cloud.touch()
  const ran = await ask(cloud, vm, 'stop')
  if (!ran.ok && !forced) {
    vm.state = before === 'Stopping' ? 'Stopping' : 'Running'
    cloud.touch()
    throw failed(`Unable to stop VM ${vm.instanceName}: ${reason(ran)}`)
  }
  await releaseToExtensions(cloud, vm.nics)
  settleStopped(cloud, vm)
}

/** CloudStack's own books after a stop: its networks may be collected from now on. */
export function settleStopped(cloud: Cloud, vm: Vm): void {
  vm.state = 'Stopped'
  vm.lastHostId = vm.hostId ?? vm.lastHostId
  vm.hostId = null
  collectLater(cloud, vm)
  cloud.touch()
}

export async function rebootVm(cloud: Cloud, vm: Vm): Promise<void> {
  if (vm.state !== 'Running') throw failed(`Unable to reboot a VM that is not in Running state: ${vm.state}`)
  const ran = await ask(cloud, vm, 'reboot')
  if (!ran.ok) throw failed(`Failed to reboot vm ${vm.instanceName}: ${reason(ran)}`)
}

/** Without expunge a destroyed VM is stopped and no more: the extension's delete waits for that. */
export async function destroyVm(cloud: Cloud, vm: Vm, expunge: boolean): Promise<void> {
  if (vm.state === 'Running' || vm.state === 'Stopping' || vm.state === 'Starting')
    await stopVm(cloud, vm, false)
  if (vm.state === 'Stopped' || vm.state === 'Error') vm.state = 'Destroyed'
  cloud.touch()
  if (expunge) await expungeVm(cloud, vm)
  else expungeLater(cloud, vm)
}

/** expunge.delay and expunge.interval: a day. */
const DELAY = 86_400_000

export function expungeLater(cloud: Cloud, vm: Vm): void {
  cloud
    .sleep(DELAY)
    .then(() => cloud.inTurn(vm.id, async () => vm.state === 'Destroyed' && expungeVm(cloud, vm)))
    .catch(() => {})
}

/** Its NICs go first, in CloudStack's books; then stop and delete. A VM that never ran on a host gets neither. */
export async function expungeVm(cloud: Cloud, vm: Vm): Promise<void> {
  vm.state = 'Expunging'
  releaseNics(cloud, vm.nics)
  cloud.touch()
  if (vm.lastHostId !== null) {
    for (const action of ['stop', 'delete'] as const) {
      const ran = await ask(cloud, vm, action)
      if (!ran.ok && action === 'delete')
        throw failed(`Failed to expunge VM ${vm.instanceName}: ${reason(ran)}`)
    }
  }
  cloud.state.vms = cloud.state.vms.filter(({ id }) => id !== vm.id)
  collectLater(cloud, vm)
  cloud.touch()
}
