import { failed, invalid } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import type { Cloud } from '../cloud.ts'
import { find, findFor } from '../find.ts'
import { savePassword } from '../orchestrator/passwords.ts'
import type { Vm } from '../state.ts'
import { newPassword } from './vm-password.ts'
import { vmView } from './vm-view.ts'

/** VmPasswordSSHKeyResetServiceImpl.resetVMPassword: an extension's instances are not refused here, as they are for SSH keys. */
export const resetPasswordCommand: Command = {
  name: 'resetPasswordForVirtualMachine',
  description:
    'Resets the password for Instance. The Instance must be in a "Stopped" state and the Template must already support this feature for this command to take effect.',
  params: { id: 'uuid!', password: 'string' },
  begin(cloud, params) {
    const vm = findFor(cloud.state.vms, 'resetPasswordForVirtualMachine', 'id', params.must('id'))
    const password = params.text('password') ?? newPassword(cloud)
    const about = { resourceType: 'VirtualMachine', id: vm.id }
    return {
      id: vm.id,
      type: 'VirtualMachine',
      work: () =>
        cloud.inTurn(vm.id, async () => {
          const description = `resetting Instance password. Instance Id: ${vm.id}`
          cloud.event('VM.RESETPASSWORD', 'Started', { ...about, description })
          check(cloud, vm)
          await savePassword(cloud, vm, password)
          cloud.event('VM.RESETPASSWORD', 'Completed', { ...about, description })
          return { virtualmachine: { ...vmView(cloud, vm), password } }
        }),
    }
  },
}

function check(cloud: Cloud, vm: Vm): void {
  if (!find(cloud.state.templates, vm.templateId).passwordEnabled)
    throw invalid('Fail to reset password for the Instance, the Template is not password enabled')
  if (vm.state === 'Error' || vm.state === 'Expunging')
    throw invalid(`Vm ${vm.name} is not in the right state`)
  if (vm.state !== 'Stopped') throw invalid(`Vm ${vm.name} should be stopped to do password reset`)
  if (!vm.nics.some(({ isDefault }) => isDefault)) throw failed('Failed to reset password for the Instance ')
}
