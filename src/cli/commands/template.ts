import type { Command } from 'commander'
import { run } from '../action.ts'
import { take, takeAll } from '../client.ts'
import { printFields, printList } from '../output.ts'

export function templateCommands(program: Command): void {
  const template = program.command('template').description('images of MAAS under the names that users see')
  template
    .command('register')
    .argument('<name>')
    .description('register an image that MAAS has')
    .requiredOption('--url <url>', 'image, e.g. maas://ubuntu/jammy, or an alias of the configuration')
    .option('--arch <name>', 'architecture, amd64 if absent')
    .action(
      run<{ url: string; arch?: string }>(async (session, { url, arch }, name = '') => {
        const made = await take(
          session.client.POST('/api/v1/templates', {
            body: { name, url, ...(arch === undefined ? {} : { architecture: arch }) },
          }),
        )
        printFields(session, made, (one) => ({ name: one.name, id: one.id, image: one.image }))
        return undefined
      }),
    )
  template
    .command('list')
    .description('all templates')
    .action(
      run(async (session) => {
        const templates = await takeAll((after) =>
          session.client.GET('/api/v1/templates', {
            params: { query: after === undefined ? {} : { after } },
          }),
        )
        printList(session, templates, {
          name: (one) => one.name,
          image: (one) => one.image,
          architecture: (one) => one.architecture,
          url: (one) => one.url,
        })
        return undefined
      }),
    )
  template
    .command('remove')
    .argument('<template>')
    .description('remove a template; the image stays in MAAS')
    .action(
      run(async (session, _options, key = '') => {
        await take(session.client.DELETE('/api/v1/templates/{key}', { params: { path: { key } } }))
        session.out(session.json ? '{}\n' : `template ${key} removed\n`)
        return undefined
      }),
    )
}
