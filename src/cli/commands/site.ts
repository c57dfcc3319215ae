import { type Command, Option } from 'commander'
import { run } from '../action.ts'
import { type Schemas, take } from '../client.ts'
import { type ExitCode, exitCodes } from '../failure.ts'
import { printFields, printJson, printList, when } from '../output.ts'
import type { Session } from '../session.ts'
import { settingsCommands } from './settings.ts'

export function siteCommands(program: Command): void {
  program
    .command('status')
    .description('is the controller there and well, and what is under way')
    .action(
      run(async (session): Promise<ExitCode> => {
        const health = await take(session.client.GET('/api/v1/health'))
        const live = health.status === 'ok' ? await liveOperations(session) : []
        const parked = live.filter((one) => one.state === 'parked')
        printFields(session, { url: session.url, ...health, operations: live }, (one) => ({
          url: one.url,
          status: one.status,
          version: one.version,
          'MAAS enabled': one.enabled ? 'yes' : 'no',
          reason: one.reason ?? '',
          'under way': live
            .map((operation) => `${operation.kind} ${operation.number} ${operation.state}`)
            .join('\n'),
          parked: parked.map((operation) => `ferrule why operation ${operation.number}`).join('\n'),
        }))
        return health.status === 'ok' ? exitCodes.ok : exitCodes.failed
      }),
    )
  program
    .command('why')
    .addArgument(
      program.createArgument('<kind>', 'of what').choices(['host', 'instance', 'operation', 'switch']),
    )
    .argument('<key>', 'name, number, address or id')
    .description('what blocks it, since when, on what evidence, and the one safe thing to do')
    .action(
      run(async (session, _options, kind = 'host', key = '') => {
        const answer = await take(
          session.client.GET('/api/v1/why/{kind}/{key}', {
            params: { path: { kind: kind as Schemas['Why']['object']['kind'], key } },
          }),
        )
        printFields(session, answer, whyFields)
        return undefined
      }),
    )
  settingsCommands(program)
  tokenCommands(program)
}

async function liveOperations(session: Session): Promise<Schemas['Operation'][]> {
  const { items } = await take(
    session.client.GET('/api/v1/operations', { params: { query: { live: 'true', limit: 100 } } }),
  )
  return items
}

function whyFields(why: Schemas['Why']): Record<string, string> {
  return {
    '': why.summary,
    blocks: why.blocks ?? '',
    since: why.since === null ? '' : when(why.since),
    evidence: why.evidence.join('\n'),
    'next retry': why.nextRetry === null ? '' : when(why.nextRetry),
    do: why.action ?? (why.well ? 'nothing' : ''),
  }
}

function tokenCommands(program: Command): void {
  const token = program.command('token').description('who may use the controller')
  token
    .command('create')
    .argument('<name>')
    .description('a new token; it is shown once')
    .addOption(
      new Option('--role <role>', 'what it may do')
        .choices(['admin', 'reader', 'cloudstack'])
        .default('reader'),
    )
    .action(
      run<{ role: 'admin' | 'reader' | 'cloudstack' }>(async (session, { role }, name = '') => {
        const made = await take(session.client.POST('/api/v1/tokens', { body: { name, role } }))
        // bare, so that it can be put into a file as it is
        if (session.json) printJson(session, made)
        else session.out(`${made.token}\n`)
        return undefined
      }),
    )
  token
    .command('list')
    .description('all tokens by name')
    .action(
      run(async (session) => {
        const { items } = await take(session.client.GET('/api/v1/tokens'))
        printList(session, items, {
          name: (one) => one.name,
          role: (one) => one.role,
          created: (one) => when(one.createdAt),
        })
        return undefined
      }),
    )
  token
    .command('remove')
    .argument('<name>')
    .description('end a token')
    .action(
      run(async (session, _options, key = '') => {
        await take(session.client.DELETE('/api/v1/tokens/{key}', { params: { path: { key } } }))
        session.out(session.json ? '{}\n' : `token ${key} removed\n`)
        return undefined
      }),
    )
}
