import { type Command, Option } from 'commander'
import { collect, run } from '../action.ts'
import { take, takeAll } from '../client.ts'
import { formatMemory, parseMemory } from '../memory.ts'
import { wholeNumber } from '../numbers.ts'
import { orDash, printFields, printList } from '../output.ts'

const bondModes = ['active-backup', '802.3ad', 'balance-tlb', 'balance-alb'] as const

interface CreateOptions {
  cpus: string
  speed?: string
  memory: string
  tag?: string[]
  arch?: string
  match?: 'equal' | 'atLeast'
  erase?: 'full' | 'secure' | 'quick'
  bond?: (typeof bondModes)[number]
  diskLayout?: string
}

export function offeringCommands(program: Command): void {
  const offering = program.command('offering').description('sizes of servers that users may ask for')
  offering
    .command('create')
    .argument('<name>')
    .description('create an offering for the BareMetalPlanner')
    .requiredOption('--cpus <count>', 'number of CPUs')
    .option('--speed <MHz>', 'least CPU speed')
    .requiredOption('--memory <size>', 'MiB, or with a unit: 32G')
    .option('--tag <tag>', 'tag that the host must have, several times if need be', collect)
    .option('--arch <name>', 'architecture, amd64 if absent')
    .addOption(
      new Option('--match <how>', 'CPU and memory exactly, or that or more').choices(['equal', 'atLeast']),
    )
    .addOption(
      new Option('--erase <policy>', 'how disks are erased in the end').choices(['full', 'secure', 'quick']),
    )
    .addOption(new Option('--bond <mode>', 'how the NICs are joined').choices(bondModes))
    .option(
      '--disk-layout <layout>',
      'flat, lvm or bcache; ",root_size=200G" or ",root_disk=nvme0n1" behind it if need be',
    )
    .action(
      run<CreateOptions>(async (session, options, name = '') => {
        const made = await take(
          session.client.POST('/api/v1/offerings', {
            body: {
              name,
              cpuCount: wholeNumber(options.cpus, '--cpus'),
              memoryMib: parseMemory(options.memory),
              hostTags: options.tag ?? [],
              ...(options.speed === undefined ? {} : { cpuSpeedMhz: wholeNumber(options.speed, '--speed') }),
              ...(options.arch === undefined ? {} : { architecture: options.arch }),
              ...(options.match === undefined ? {} : { match: options.match }),
              ...(options.erase === undefined ? {} : { erase: options.erase }),
              ...(options.bond === undefined ? {} : { bondMode: options.bond }),
              ...(options.diskLayout === undefined ? {} : { diskLayout: options.diskLayout }),
            },
          }),
        )
        printFields(session, made, (one) => ({ name: one.name, id: one.id, planner: one.planner }))
        return undefined
      }),
    )
  offering
    .command('list')
    .description('all offerings')
    .action(
      run(async (session) => {
        const offerings = await takeAll((after) =>
          session.client.GET('/api/v1/offerings', {
            params: { query: after === undefined ? {} : { after } },
          }),
        )
        printList(session, offerings, {
          name: (one) => one.name,
          cpus: (one) => String(one.cpuCount),
          memory: (one) => formatMemory(one.memoryMib),
          tags: (one) => orDash(one.hostTags.join(',')),
          match: (one) => one.match,
          erase: (one) => orDash(one.erase),
          bond: (one) => one.bondMode,
          disks: (one) => orDash(one.diskLayout),
        })
        return undefined
      }),
    )
  offering
    .command('remove')
    .argument('<offering>')
    .description('remove an offering; refused while an instance uses it')
    .action(
      run(async (session, _options, key = '') => {
        await take(session.client.DELETE('/api/v1/offerings/{key}', { params: { path: { key } } }))
        session.out(session.json ? '{}\n' : `offering ${key} removed\n`)
        return undefined
      }),
    )
}
