import { invalid } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import { chosen, LIST_PARAMS, listed } from '../api/command.ts'
import type { Params } from '../api/params.ts'
import type { Cloud } from '../cloud.ts'
import { findFor } from '../find.ts'
import { startVm } from '../orchestrator/start.ts'
import { destroyVm, expungeVm, rebootVm, stopVm } from '../orchestrator/stop.ts'
import type { Vm } from '../state.ts'
import { startedView } from './vm-password.ts'
import { vmView } from './vm-view.ts'

const LIST = {
  ...LIST_PARAMS,
  ids: 'list',
  state: 'string',
  zoneid: 'uuid',
  hostid: 'uuid',
  networkid: 'uuid',
  templateid: 'uuid',
  hypervisor: 'string',
  details: 'list',
} as const

export const virtualMachineCommands: Command[] = [
  {
    name: 'listVirtualMachines',
    description: 'List the Instances owned by the account.',
    params: LIST,
    run: (cloud, params) => listed('virtualmachine', vmsFor(cloud, params), params),
  },
  {
    name: 'listVirtualMachinesMetrics',
    description: 'Lists Instance metrics',
    params: LIST,
    run: (cloud, params) => listed('virtualmachine', vmsFor(cloud, params), params),
  },
  onVm('startVirtualMachine', 'VM.START', 'starting Instance', startVm, {}, startedView),
  onVm(
    'stopVirtualMachine',
    'VM.STOP',
    'stopping Instance',
    (cloud, vm, params) => stopVm(cloud, vm, params.flag('forced')),
    { forced: 'boolean' },
  ),
  onVm('rebootVirtualMachine', 'VM.REBOOT', 'rebooting Instance', rebootVm, { forced: 'boolean' }),
  onVm(
    'destroyVirtualMachine',
    'VM.DESTROY',
    'destroying Instance',
    (cloud, vm, params) => destroyVm(cloud, vm, params.flag('expunge')),
    { expunge: 'boolean' },
  ),
  expungeCommand(),
  {
    name: 'recoverVirtualMachine',
    description: 'Recovers an Instance.',
    params: { id: 'uuid!' },
    run(cloud, params) {
      const vm = findFor(cloud.state.vms, 'recoverVirtualMachine', 'id', params.must('id'))
      if (vm.state !== 'Destroyed')
        throw invalid(`Unable to recover: ${vm.name} is ${vm.state}, not Destroyed`)
      vm.state = 'Stopped'
      cloud.touch()
      return { virtualmachine: vmView(cloud, vm) }
    },
  },
]

function vmsFor(cloud: Cloud, params: Params): Record<string, unknown>[] {
  const [state, hostId, networkId] = ['state', 'hostid', 'networkid'].map((name) => params.text(name))
  const templateId = params.text('templateid')
  const hypervisor = params.text('hypervisor')
  return chosen(cloud.state.vms, params)
    .filter(
      (vm) =>
        (state === undefined || vm.state.toLowerCase() === state.toLowerCase()) &&
        (hostId === undefined || vm.hostId === hostId) &&
        (templateId === undefined || vm.templateId === templateId) &&
        (hypervisor === undefined || hypervisor.toLowerCase() === 'external') &&
        (networkId === undefined || vm.nics.some((nic) => nic.networkId === networkId)),
    )
    .map((vm) => vmView(cloud, vm))
}

/** A command on one VM: it waits for whatever else is under way there, and tells its events. */
function onVm(
  name: string,
  event: string,
  doing: string,
  act: (cloud: Cloud, vm: Vm, params: Params) => Promise<void>,
  more: Readonly<Record<string, 'boolean'>> = {},
  view = vmView,
): Command {
  return {
    name,
    description: `${doing[0]?.toUpperCase()}${doing.slice(1)}.`,
    params: { id: 'uuid!', ...more },
    begin(cloud, params) {
      const vm = findFor(cloud.state.vms, name, 'id', params.must('id'))
      return {
        type: 'VirtualMachine',
        id: vm.id,
        work: () => watched(cloud, vm, event, doing, () => act(cloud, vm, params), view),
      }
    },
  }
}

async function watched(
  cloud: Cloud,
  vm: Vm,
  event: string,
  doing: string,
  act: () => Promise<void>,
  view = vmView,
): Promise<unknown> {
  const about = { resourceType: 'VirtualMachine', id: vm.id }
  const tell = (state: 'Scheduled' | 'Started' | 'Completed', description: string, failed = false) =>
    cloud.event(event, state, { ...about, description, failed })
  tell('Scheduled', `${doing}: ${vm.id}`)
  return cloud.inTurn(vm.id, async () => {
    tell('Started', `${doing}. Instance Id: ${vm.id}`)
    try {
      await act()
    } catch (error) {
      cloud.alive()
      tell('Completed', `Error while ${doing}. Instance Id: ${vm.id}`, true)
      throw error
    }
    tell('Completed', `Successfully completed ${doing}. Instance Id: ${vm.id}`)
    return { virtualmachine: view(cloud, vm) }
  })
}

function expungeCommand(): Command {
  return {
    name: 'expungeVirtualMachine',
    description: 'Expunge an Instance. Once expunged, it cannot be recovered.',
    params: { id: 'uuid!' },
    begin(cloud, params) {
      const vm = findFor(cloud.state.vms, 'expungeVirtualMachine', 'id', params.must('id'))
      if (!['Destroyed', 'Expunging', 'Error'].includes(vm.state))
        throw invalid(`Please destroy vm with id: ${vm.id} before expunge`)
      return {
        id: vm.id,
        type: 'VirtualMachine',
        async work() {
          await watched(cloud, vm, 'VM.EXPUNGE', 'Expunging Instance', () => expungeVm(cloud, vm))
          return { success: true }
        },
      }
    },
  }
}
