import { failed, invalid } from '../api/api-error.ts'
import type { Cloud } from '../cloud.ts'
import { find } from '../find.ts'
import type { Network, Nic, Vm } from '../state.ts'
import { askUnsupported } from './ask.ts'
import { allocateNic, releaseNics } from './guest-networks.ts'
import { prepareNic, releaseNic } from './network-extension.ts'

/** Of a stopped VM it is a record, and the next start has it; of a running one the extension is asked in vain. */
export async function addNic(
  cloud: Cloud,
  vm: Vm,
  network: Network,
  asked: { ip?: string | undefined; mac?: string | undefined },
): Promise<void> {
  if (vm.nics.some(({ networkId }) => networkId === network.id))
    throw invalid(`A NIC already exists for VM:${vm.instanceName} in network: ${network.id}`)
  if (vm.state === 'Running') {
    await plugInVain(cloud, vm, network, asked)
    throw failed(`Unable to add NIC to VM instance ${vm.instanceName}: failed to plug it`)
  }
  if (vm.state !== 'Stopped') throw failed(`${vm.name} is not in Running or Stopped state: ${vm.state}`)
  const used = vm.nics.map(({ deviceId }) => deviceId)
  const deviceId = [...used.keys(), used.length].find((number) => !used.includes(number)) ?? used.length
  vm.nics.push(allocateNic(cloud, network, asked, { deviceId, isDefault: vm.nics.length === 0 }))
  cloud.touch()
}

/** The NIC is reserved before its plug is tried, and released after it. */
async function plugInVain(
  cloud: Cloud,
  vm: Vm,
  network: Network,
  asked: { ip?: string | undefined; mac?: string | undefined },
): Promise<void> {
  const nic = allocateNic(cloud, network, asked, { deviceId: vm.nics.length, isDefault: false })
  await prepareNic(cloud, vm, nic)
  await askUnsupported(cloud, vm, 'PlugNicCommand')
  await releaseNic(cloud, nic)
}

export async function removeNic(cloud: Cloud, vm: Vm, nic: Nic): Promise<void> {
  if (nic.isDefault) throw invalid(`Unable to remove NIC ${nic.id} from VM ${vm.name}, nic is default.`)
  if (vm.state === 'Running') {
    await askUnsupported(cloud, vm, 'UnPlugNicCommand')
    throw failed(`Unable to remove NIC ${nic.id} from VM instance ${vm.instanceName}: failed to unplug it`)
  }
  if (vm.state !== 'Stopped') throw failed(`${vm.name} is not in Running or Stopped state: ${vm.state}`)
  releaseNics(cloud, [nic])
  vm.nics = vm.nics.filter(({ id }) => id !== nic.id)
  cloud.touch()
}

/** The guest is not told: it is a record, and the next start has it. */
export function setDefaultNic(cloud: Cloud, vm: Vm, nic: Nic): void {
  if (nic.isDefault) throw invalid(`nic ${nic.id} is already the default one of ${vm.name}`)
  find(vm.nics, nic.id)
  for (const one of vm.nics) one.isDefault = one === nic
  cloud.touch()
}
