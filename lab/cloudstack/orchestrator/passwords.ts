import { createHash } from 'node:crypto'
import { failed } from '../api/api-error.ts'
import type { Cloud } from '../cloud.ts'
import { find } from '../find.ts'
import type { Network, Nic, Vm } from '../state.ts'
import { extensionProviding, savePasswordByExtension } from './network-extension.ts'

/**
 * UserDataServiceProvider.savePassword, for the default network alone: by the extension that provides its user data, else
 * to its virtual router if that runs, else into the records until the next start.
 */
export async function savePassword(cloud: Cloud, vm: Vm, password: string): Promise<void> {
  const nic = vm.nics.find(({ isDefault }) => isDefault)
  if (nic === undefined) throw failed('Failed to reset password for the Instance ')
  const network = find(cloud.state.networks, nic.networkId)
  if (extensionProviding(cloud, network, 'UserData') !== null) {
    const ran = await savePasswordByExtension(cloud, nic, password)
    if (!ran.ok) throw failed('Failed to reset password for the Instance ')
    return
  }
  if (network.cidr === null)
    throw failed("Can't find network element for UserData provider needed for password reset")
  if (toRouter(cloud, network, nic, password)) return
  vm.password = password
  // DBEncryptionUtil: nothing but the database's own key opens it
  vm.details.password = createHash('sha256').update(`${vm.id} ${password}`).digest('base64')
  cloud.touch()
}

function toRouter({ routers }: Cloud, { vlan }: Network, nic: Nic, password: string): boolean {
  if (vlan === null || nic.ip === null) return false
  if (!routers.networks().some((one) => one.vlan === vlan)) return false
  routers.reserve(vlan, { mac: nic.mac, ip: nic.ip, password })
  return true
}
