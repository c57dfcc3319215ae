import { invalid } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import { findFor } from '../find.ts'
import { vmView } from './vm-view.ts'

/** What CloudStack refuses for any instance of an extension, whatever the extension would say (4.22). */
const REFUSED: readonly (readonly [string, string, Command['params']])[] = [
  ['scaleVirtualMachine', 'Scales the Instance to a new service offering.', { serviceofferingid: 'uuid!' }],
  [
    'resetSSHKeyForVirtualMachine',
    'Resets the SSH Key for Instance. The Instance must be in a "Stopped" state.',
    { keypair: 'string', keypairs: 'list' },
  ],
]

export const vmSizeCommands: Command[] = [
  {
    name: 'changeServiceForVirtualMachine',
    description:
      'Changes the service offering for an Instance. The Instance must be in a "Stopped" state for this command to take effect.',
    params: { id: 'uuid!', serviceofferingid: 'uuid!' },
    /** A record, and no more: the next start tells the extension. */
    run(cloud, params) {
      const { state } = cloud
      const command = 'changeServiceForVirtualMachine'
      const vm = findFor(state.vms, command, 'id', params.must('id'))
      const id = params.must('serviceofferingid')
      const offering = findFor(state.serviceOfferings, command, 'serviceofferingid', id)
      if (vm.state !== 'Stopped')
        throw invalid(
          `Unable to upgrade Instance ${vm.name} in state ${vm.state}; make sure the Instance is stopped`,
        )
      if (vm.offeringId === offering.id)
        throw invalid(
          `Not upgrading vm ${vm.name} since it already has the requested service offering (${offering.name})`,
        )
      vm.offeringId = offering.id
      cloud.touch()
      return { virtualmachine: vmView(cloud, vm) }
    },
  },
  ...REFUSED.map(
    ([name, description, params]): Command => ({
      name,
      description,
      params: { id: 'uuid!', ...params },
      begin(cloud, given) {
        const vm = findFor(cloud.state.vms, name, 'id', given.must('id'))
        return {
          id: vm.id,
          type: 'VirtualMachine',
          async work() {
            throw invalid(`Operation not supported for instance: ${vm.name}`)
          },
        }
      },
    }),
  ),
]
