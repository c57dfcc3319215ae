import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../start/places.mjs'

/** Recorded from a CloudStack 4.22 management server that called an extension. */
const fixtures = join(root, 'test', 'fixtures', 'cloudstack')

/**
 * A recorded payload, adapted to this lab: the VM's ids, its size, image, and its one NIC. `details` are what prepare's
 * answer added to the VM: CloudStack persists them, and repeats those that begin with "External:", without that word,
 * in externaldetails.
 *
 * @param {string} action
 * @param {{ uuid: string, name: string, cpus: number, memoryMiB: number, image: string, mac: string, vlan: number,
 *   ip: string }} vm
 * @param {Record<string, string>} details
 */
export function payloadOf(action, vm, details) {
  const payload = recorded(action)
  const body = payload['cloudstack.vm.details']
  const external = payload.externaldetails.virtualmachine
  payload.virtualmachineid = vm.uuid
  payload.virtualmachinename = vm.name
  const bytes = vm.memoryMiB * 2 ** 20
  Object.assign(body, { uuid: vm.uuid, name: vm.name, cpus: vm.cpus, minRam: bytes, maxRam: bytes })
  Object.assign(body.details, { 'External:image': vm.image }, details)
  external.image = vm.image
  for (const [name, value] of Object.entries(details)) {
    if (name.startsWith('External:')) external[name.slice('External:'.length)] = value
  }
  if ('cloudstack.vlan' in external) external['cloudstack.vlan'] = String(vm.vlan)
  // stop, delete and status come without NICs
  for (const nic of body.nics) {
    const uri = `vlan://${vm.vlan}`
    Object.assign(nic, { mac: vm.mac, ip: vm.ip, broadcastUri: uri, isolationUri: uri })
  }
  return payload
}

export function recorded(action) {
  return JSON.parse(readFileSync(join(fixtures, `${action}.json`), 'utf8'))
}
