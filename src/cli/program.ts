import { Command, Option } from 'commander'
import { cloudstackCommands } from './commands/cloudstack.ts'
import { configCommands } from './commands/config.ts'
import { consoleCommand } from './commands/console.ts'
import { driftCommands } from './commands/drift.ts'
import { eventCommands } from './commands/events.ts'
import { hostCommands } from './commands/host.ts'
import { hostBmcCommands } from './commands/host-bmc.ts'
import { hostHardwareCommands } from './commands/host-hardware.ts'
import { instanceCommands } from './commands/instance.ts'
import { networkCommands } from './commands/network.ts'
import { offeringCommands } from './commands/offering.ts'
import { operationCommands } from './commands/operation.ts'
import { planCommands } from './commands/plan.ts'
import { rackCommands } from './commands/rack.ts'
import { recoverCommand } from './commands/recover.ts'
import { siteCommands } from './commands/site.ts'
import { templateCommands } from './commands/template.ts'
import { completionScript } from './completion.ts'

const help = `
Exit status: 0 done · 1 the operation failed and was undone · 2 wrong usage or refused input ·
3 no controller at the URL · 4 still running (--timeout, Ctrl-C) · 5 the operation is parked

The token: --token-file, FERRULE_TOKEN, FERRULE_TOKEN_FILE, or .ferrule/admin.token in the current folder.`

/** @param version as in package.json. */
export function createProgram(version: string): Command {
  const program = new Command('ferrule')
    .description('Bare metal managed by MAAS as CloudStack instances')
    .version(version)
    .option('--url <url>', 'the controller (FERRULE_URL; http://127.0.0.1:8420)')
    .option('--token-file <file>', 'file with the API token')
    .addOption(
      new Option('-o, --output <form>', 'for people or for machines')
        .choices(['table', 'json'])
        .default('table'),
    )
    .option('--wait', 'follow what was started to its end (the default)')
    .option('--no-wait', 'only start it')
    .option('--timeout <duration>', 'how long to follow, e.g. 90s, 10m; the operation itself goes on')
    .addHelpText('after', help)
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .showHelpAfterError('(see --help)')
  rackCommands(program)
  const host = hostCommands(program)
  hostBmcCommands(host)
  hostHardwareCommands(host)
  consoleCommand(program)
  templateCommands(program)
  offeringCommands(program)
  networkCommands(program)
  instanceCommands(program)
  operationCommands(program)
  planCommands(program)
  driftCommands(program)
  eventCommands(program)
  siteCommands(program)
  recoverCommand(program)
  configCommands(program)
  cloudstackCommands(program)
  program
    .command('completion')
    .addArgument(program.createArgument('<shell>').choices(['bash', 'zsh', 'fish']))
    .description('completion for a shell, e.g. source <(ferrule completion bash)')
    .action((shell: string) => {
      process.stdout.write(completionScript(shell, program))
    })
  return program
}
