import { type Command, Option } from 'commander'
import { run } from '../action.ts'
import { take, takeAll } from '../client.ts'
import { wholeNumber } from '../numbers.ts'
import { orDash, printFields, printList } from '../output.ts'

interface CreateOptions {
  vlan: string
  kind: 'isolated' | 'shared' | 'l2'
}

export function networkCommands(program: Command): void {
  const network = program.command('network').description('tenant networks and their VLANs')
  network
    .command('create')
    .argument('<name>')
    .description('create a network')
    .requiredOption('--vlan <id>', 'VLAN, 1 to 4094')
    .addOption(
      new Option('--kind <kind>', 'kind of network')
        .choices(['isolated', 'shared', 'l2'])
        .default('isolated'),
    )
    .action(
      run<CreateOptions>(async (session, { vlan, kind }, name = '') => {
        const made = await take(
          session.client.POST('/api/v1/networks', {
            body: { name, kind, vlan: wholeNumber(vlan, '--vlan') },
          }),
        )
        printFields(session, made, (one) => ({ name: one.name, id: one.id, vlan: orDash(one.vlan) }))
        return undefined
      }),
    )
  network
    .command('list')
    .description('all networks')
    .action(
      run(async (session) => {
        const networks = await takeAll((after) =>
          session.client.GET('/api/v1/networks', {
            params: { query: after === undefined ? {} : { after } },
          }),
        )
        printList(session, networks, {
          name: (one) => one.name,
          vlan: (one) => orDash(one.vlan),
          kind: (one) => one.kind,
          id: (one) => one.id,
        })
        return undefined
      }),
    )
  network
    .command('remove')
    .argument('<network>')
    .description('remove a network; refused while an instance is on it')
    .action(
      run(async (session, _options, key = '') => {
        await take(session.client.DELETE('/api/v1/networks/{key}', { params: { path: { key } } }))
        session.out(session.json ? '{}\n' : `network ${key} removed\n`)
        return undefined
      }),
    )
}
