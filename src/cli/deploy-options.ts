import { type Command, Option } from 'commander'
import { collect } from './action.ts'
import type { Schemas } from './client.ts'
import { usage } from './failure.ts'
import { parseNic } from './nic-spec.ts'

export interface DeployOptions {
  template: string
  offering: string
  nic?: string[]
  erase?: 'full' | 'secure' | 'quick'
  hostname?: string
  tenant?: string
}

/** The same for "instance deploy" and "plan deploy": what is planned is what would be deployed. */
export function withDeployOptions(command: Command): Command {
  return command
    .requiredOption('--template <template>', 'name or id')
    .requiredOption('--offering <offering>', 'name or id')
    .option('--nic <nic>', 'network=NAME[,mac=MAC][,default]; one for each network', collect)
    .addOption(eraseOption())
    .option('--hostname <name>', 'host name of its system; the instance name if absent')
    .option('--tenant <text>', 'whose it is, for people')
}

export function eraseOption(description = 'how its disks are erased in the end'): Option {
  return new Option('--erase <policy>', description).choices(['full', 'secure', 'quick'])
}

/** The same for "instance reinstall" and "plan reinstall". */
export function reinstallBody(template: string | undefined, erase: DeployOptions['erase']) {
  return { ...(template === undefined ? {} : { template }), ...(erase === undefined ? {} : { erase }) }
}

export function toNewInstance(name: string, options: DeployOptions): Schemas['NewInstanceInput'] {
  if (!options.nic) throw usage('there is no NIC', 'Give at least one: --nic network=NAME.')
  return {
    name,
    template: options.template,
    offering: options.offering,
    nics: options.nic.map(parseNic),
    ...(options.erase === undefined ? {} : { erase: options.erase }),
    ...(options.hostname === undefined ? {} : { hostname: options.hostname }),
    ...(options.tenant === undefined ? {} : { tenant: options.tenant }),
  }
}
