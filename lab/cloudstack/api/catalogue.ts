import { baremetalCommands } from '../commands/baremetal.ts'
import { customActionCommands } from '../commands/custom-actions.ts'
import { deployCommand } from '../commands/deploy.ts'
import { eventCommands } from '../commands/events.ts'
import { extensionCommands } from '../commands/extensions.ts'
import { hostCommands } from '../commands/hosts.ts'
import { jobCommands } from '../commands/jobs.ts'
import { keyPairCommands } from '../commands/key-pairs.ts'
import { networkProviderCommands } from '../commands/network-providers.ts'
import { networkCommands } from '../commands/networks.ts'
import { nicCommands } from '../commands/nics.ts'
import { emptyCommands } from '../commands/none.ts'
import { publicAddressCommands } from '../commands/public-addresses.ts'
import { resetPasswordCommand } from '../commands/reset-password.ts'
import { serviceOfferingCommands } from '../commands/service-offerings.ts'
import { tagCommands } from '../commands/tags.ts'
import { templateCommands } from '../commands/templates.ts'
import { updateVmCommand } from '../commands/update-vm.ts'
import { virtualMachineCommands } from '../commands/virtual-machines.ts'
import { vmSizeCommands } from '../commands/vm-size.ts'
import { vpcCommands } from '../commands/vpcs.ts'
import { zoneCommands } from '../commands/zones.ts'
import type { Command } from './command.ts'

const listApis: Command = {
  name: 'listApis',
  description: 'lists all available apis on the server, provided by the Api Discovery plugin',
  params: { name: 'string' },
  run(_cloud, params) {
    const name = params.text('name')
    const api = [...commands.values()].filter((one) => name === undefined || one.name === name).map(described)
    return { count: api.length, api }
  },
}

/** Every command of the API, by its name in lower case. */
export const commands: ReadonlyMap<string, Command> = new Map(
  [
    listApis,
    ...zoneCommands,
    ...hostCommands,
    ...networkCommands,
    ...networkProviderCommands,
    ...publicAddressCommands,
    ...vpcCommands,
    ...templateCommands,
    ...serviceOfferingCommands,
    deployCommand,
    ...virtualMachineCommands,
    updateVmCommand,
    ...vmSizeCommands,
    resetPasswordCommand,
    ...tagCommands,
    ...nicCommands,
    ...extensionCommands,
    ...customActionCommands,
    ...eventCommands,
    ...jobCommands,
    ...keyPairCommands,
    ...baremetalCommands,
    ...emptyCommands,
  ].map((command) => [command.name.toLowerCase(), command]),
)

function described(command: Command): Record<string, unknown> {
  return {
    name: command.name,
    description: command.description,
    isasync: 'begin' in command,
    related: '',
    params: Object.entries(command.params).map(([name, spec]) => ({
      name,
      description: '',
      type: spec.replace('!', ''),
      length: 255,
      required: spec.endsWith('!'),
    })),
    response: [],
  }
}
