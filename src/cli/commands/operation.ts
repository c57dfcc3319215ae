import type { Command } from 'commander'
import { run } from '../action.ts'
import { type Schemas, take } from '../client.ts'
import { formatDuration } from '../duration.ts'
import { finish, tellEnd } from '../finish.ts'
import { wholeNumber } from '../numbers.ts'
import { orDash, printFields, printJson, printList, table, when } from '../output.ts'
import type { Session } from '../session.ts'
import { exitCodeOf, readOperation, type WatchedOperation, watchOperation } from '../watch.ts'

type Operation = Schemas['Operation']

export function operationCommands(program: Command): void {
  const operation = program.command('operation').description('work under way, and work that was done')
  operation
    .command('list')
    .description('newest first')
    .option('--of <name>', 'only those of hosts and instances whose name has this in it')
    .option('--live', 'only those that have not ended')
    .option('--limit <count>', 'most lines', '20')
    .action(
      run<{ of?: string; live?: boolean; limit: string }>(async (session, { of: text, live, limit }) => {
        const { items } = await take(
          session.client.GET('/api/v1/operations', {
            params: {
              query: {
                limit: wholeNumber(limit, '--limit'),
                ...(live ? { live: 'true' } : {}),
                ...(text === undefined ? {} : { text }),
              },
            },
          }),
        )
        printList<Operation>(session, items, {
          number: (one) => String(one.number),
          kind: (one) => one.kind,
          host: (one) => orDash(one.host),
          instance: (one) => orDash(one.instance),
          state: (one) => one.state,
          begun: (one) => when(one.createdAt),
          took: (one) => (one.endedAt === null ? '-' : elapsed(one.startedAt ?? one.createdAt, one.endedAt)),
          by: (one) => one.createdBy,
          error: (one) => orDash(one.error?.code),
        })
        return undefined
      }),
    )
  operation
    .command('show')
    .argument('<operation>')
    .description('one operation with its steps')
    .action(
      run(async (session, _options, key = '') => {
        const found = await readOperation(session, key)
        printFields(session, found, fields)
        if (!session.json && found.steps.length > 0) session.out(`\n${steps(found)}`)
        return undefined
      }),
    )
  operation
    .command('watch')
    .argument('<operation>')
    .description('follow an operation to its end')
    .action(
      run(async (session, _options, key = '') => {
        const watched = await watchOperation(session, key)
        if (session.json) printJson(session, watched.operation)
        tellEnd(session, watched)
        return exitCodeOf(watched, ['succeeded'])
      }),
    )
  actionCommands(operation)
}

function actionCommands(operation: Command): void {
  operation
    .command('cancel')
    .argument('<operation>')
    .description('ask it to stop and to undo what it did')
    .option('--reason <text>', 'recorded with it')
    .action(
      run<{ reason?: string }>(async (session, { reason }, key = '') => {
        const asked = await take(
          session.client.POST('/api/v1/operations/{key}/cancel', {
            params: { path: { key } },
            body: reason === undefined ? {} : { reason },
          }),
        )
        return finish(session, asked, { thing: async () => ({}), wanted: ['cancelled', 'undone'] })
      }),
    )
  operation
    .command('retry')
    .argument('<operation>')
    .description('end the pause of the step that is being tried again')
    .action(
      run(async (session, _options, key = '') => {
        const asked = await take(
          session.client.POST('/api/v1/operations/{key}/retry', { params: { path: { key } } }),
        )
        return finishOrShow(session, asked)
      }),
    )
  operation
    .command('skip')
    .argument('<operation>')
    .argument('<step>')
    .description('skip the step that it is parked at, where "operation show" says what follows')
    .requiredOption('--reason <text>', 'why it is safe here; recorded')
    .action(
      run<{ reason: string }>(async (session, { reason }, key = '', step = '') => {
        const asked = await take(
          session.client.POST('/api/v1/operations/{key}/skip', {
            params: { path: { key } },
            body: { step, reason },
          }),
        )
        return finishOrShow(session, asked)
      }),
    )
}

/** An operation that goes on undoing ends as undone: that is what a retry of it is for. */
function finishOrShow(session: Session, asked: Operation) {
  const wanted =
    asked.cancelRequested === null && asked.error === null ? ['succeeded'] : ['undone', 'cancelled']
  return finish(session, asked, { thing: async () => ({}), wanted })
}

function steps(operation: WatchedOperation): string {
  const rows = operation.steps.map((step) => [
    step.direction === 'undo' ? 'undo' : '',
    step.state,
    step.endedAt === null ? '-' : elapsed(step.startedAt, step.endedAt),
    String(step.attempt),
    step.error ? `${step.title}: ${step.error.message}` : step.title,
  ])
  return table(['', 'STATE', 'TOOK', 'ATTEMPT', 'STEP'], rows)
}

function fields(operation: WatchedOperation): Record<string, string> {
  return {
    number: String(operation.number),
    id: operation.id,
    kind: operation.kind,
    host: operation.host ?? '',
    instance: operation.instance ?? '',
    state: operation.state,
    by: operation.createdBy,
    begun: when(operation.createdAt),
    ended: operation.endedAt === null ? '' : when(operation.endedAt),
    'cancel asked': operation.cancelRequested ?? '',
    error: operation.error ? `${operation.error.message}\n${operation.error.remedy}` : '',
    parked: operation.parked
      ? `${operation.parked.title} (${operation.parked.step}), next attempt ${when(operation.parked.nextRetryAt)}\n${operation.parked.error.message}\n${operation.parked.error.remedy}`
      : '',
    'if it is skipped': operation.parked ? (operation.parked.skip ?? neverSkipped) : '',
  }
}

const neverSkipped = 'It is never skipped: it protects a tenant.'

function elapsed(from: string, to: string): string {
  return formatDuration(Date.parse(to) - Date.parse(from))
}
