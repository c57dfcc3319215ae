import { invalid } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import type { Params } from '../api/params.ts'
import type { Cloud } from '../cloud.ts'
import { findFor } from '../find.ts'
import { implementNetworks } from '../orchestrator/guest-networks.ts'
import type { Vm } from '../state.ts'
import { vmView } from './vm-view.ts'

/** A host's name: letters, digits and hyphens, no digit first and no hyphen at an end. */
const NAME = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i

export const updateVmCommand: Command = {
  name: 'updateVirtualMachine',
  description:
    'Updates properties of an Instance. The Instance has to be stopped and restarted for the new properties to take effect.',
  params: {
    id: 'uuid!',
    name: 'string',
    displayname: 'string',
    group: 'string',
    userdata: 'string',
    details: 'map',
  },
  run(cloud, params) {
    const vm = findFor(cloud.state.vms, 'updateVirtualMachine', 'id', params.must('id'))
    if (vm.state === 'Error' || vm.state === 'Expunging')
      throw invalid(`Vm with id ${vm.id} is not in the right state`)
    rename(cloud, vm, params.text('name'))
    vm.displayName = params.text('displayname') ?? vm.displayName
    vm.group = params.text('group') ?? vm.group
    if (params.has('details')) vm.details = { ...managed(vm), ...params.map('details') }
    updateUserData(cloud, vm, params)
    cloud.touch()
    return { virtualmachine: vmView(cloud, vm) }
  },
}

function rename({ state }: Cloud, vm: Vm, name: string | undefined): void {
  if (name === undefined) return
  if (!NAME.test(name))
    throw invalid(
      `Invalid name. Vm name can contain ASCII letters 'a' through 'z', the digits '0' through '9', and the hyphen ('-'): ${name}`,
    )
  if (state.vms.some((other) => other !== vm && other.name === name))
    throw invalid(`The Instance with name ${name} already exists.`)
  vm.name = name
}

/** The routers of a running VM have it at once; whether its system asks them again is its own affair. */
function updateUserData(cloud: Cloud, vm: Vm, params: Params): void {
  const userData = params.text('userdata')
  if (userData === undefined) return
  vm.userData = Buffer.from(userData, 'base64').toString()
  if (vm.state === 'Running') implementNetworks(cloud, vm)
}

/** `details` replaces those that are a user's; what the extension needs stays. */
function managed({ details }: Vm): Vm['details'] {
  return Object.fromEntries(
    Object.entries(details).filter(([key]) => /^(External:|SSH\.|Message\.)/.test(key)),
  )
}
