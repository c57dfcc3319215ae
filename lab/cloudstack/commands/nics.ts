import type { Command } from '../api/command.ts'
import { LIST_PARAMS, listed } from '../api/command.ts'
import type { Cloud } from '../cloud.ts'
import { findFor } from '../find.ts'
import { addNic, removeNic, setDefaultNic } from '../orchestrator/nics.ts'
import type { Vm } from '../state.ts'
import { nicView, vmView } from './vm-view.ts'

export const nicCommands: Command[] = [
  {
    name: 'listNics',
    description: 'list the Instance NICs',
    params: { ...LIST_PARAMS, virtualmachineid: 'uuid!', nicid: 'uuid', networkid: 'uuid' },
    run(cloud, params) {
      const vm = findFor(cloud.state.vms, 'listNics', 'virtualmachineid', params.must('virtualmachineid'))
      const [nicId, networkId] = [params.text('nicid'), params.text('networkid')]
      const nics = vm.nics.filter(
        (nic) =>
          (nicId === undefined || nic.id === nicId) &&
          (networkId === undefined || nic.networkId === networkId),
      )
      return listed(
        'nic',
        nics.map((nic) => nicView(cloud, vm, nic)),
        params,
      )
    },
  },
  {
    name: 'addNicToVirtualMachine',
    description: 'Adds an Instance to specified network by creating a NIC',
    params: { virtualmachineid: 'uuid!', networkid: 'uuid!', ipaddress: 'string', macaddress: 'string' },
    begin(cloud, params) {
      const vm = vmOf(cloud, 'addNicToVirtualMachine', params.must('virtualmachineid'))
      const network = findFor(
        cloud.state.networks,
        'addNicToVirtualMachine',
        'networkid',
        params.must('networkid'),
      )
      const asked = { ip: params.text('ipaddress'), mac: params.text('macaddress') }
      return onNic(cloud, vm, 'NIC.CREATE', () => addNic(cloud, vm, network, asked))
    },
  },
  {
    name: 'removeNicFromVirtualMachine',
    description: 'Removes Instance from specified network by deleting a NIC',
    params: { virtualmachineid: 'uuid!', nicid: 'uuid!' },
    begin(cloud, params) {
      const vm = vmOf(cloud, 'removeNicFromVirtualMachine', params.must('virtualmachineid'))
      const nic = findFor(vm.nics, 'removeNicFromVirtualMachine', 'nicid', params.must('nicid'))
      return onNic(cloud, vm, 'NIC.DELETE', () => removeNic(cloud, vm, nic))
    },
  },
  {
    name: 'updateDefaultNicForVirtualMachine',
    description: 'Changes the default NIC on an Instance',
    params: { virtualmachineid: 'uuid!', nicid: 'uuid!' },
    begin(cloud, params) {
      const vm = vmOf(cloud, 'updateDefaultNicForVirtualMachine', params.must('virtualmachineid'))
      const nic = findFor(vm.nics, 'updateDefaultNicForVirtualMachine', 'nicid', params.must('nicid'))
      return onNic(cloud, vm, 'NIC.UPDATE', async () => setDefaultNic(cloud, vm, nic))
    },
  },
]

function vmOf({ state }: Cloud, command: string, id: string): Vm {
  return findFor(state.vms, command, 'virtualmachineid', id)
}

function onNic(cloud: Cloud, vm: Vm, event: string, act: () => Promise<void>) {
  const about = { resourceType: 'VirtualMachine', id: vm.id }
  return {
    id: vm.id,
    type: 'VirtualMachine',
    work: () =>
      cloud.inTurn(vm.id, async () => {
        cloud.event(event, 'Started', { ...about, description: `Nic of Instance ${vm.id}` })
        try {
          await act()
        } catch (error) {
          cloud.alive()
          const description = `Error while changing a nic of Instance ${vm.id}`
          cloud.event(event, 'Completed', { ...about, description, failed: true })
          throw error
        }
        cloud.event(event, 'Completed', { ...about, description: `Nic of Instance ${vm.id}` })
        return { virtualmachine: vmView(cloud, vm) }
      }),
  }
}
