import type { Command } from 'commander'
import { run } from '../action.ts'
import { type Schemas, take, unreachable } from '../client.ts'
import { fromProblem } from '../failure.ts'
import { wholeNumber } from '../numbers.ts'
import { printJson, when } from '../output.ts'
import type { Session } from '../session.ts'
import { readServerEvents } from '../sse-reader.ts'

type Event = Schemas['Event']

export function eventCommands(program: Command): void {
  program
    .command('events')
    .description('what happened, oldest first')
    .option('--last <count>', 'how many of the newest', '50')
    .option('--follow', 'go on with what happens; with --output json, a document for each line')
    .action(
      run<{ last: string; follow?: boolean }>(async (session, options) => {
        const last = wholeNumber(options.last, '--last')
        const items = last === 0 ? [] : await newest(session, last)
        if (!options.follow) {
          if (session.json) printJson(session, items)
          else for (const event of items) session.out(line(event))
          return undefined
        }
        for (const event of items) session.out(session.json ? `${JSON.stringify(event)}\n` : line(event))
        await follow(session, items.at(-1)?.id)
        return undefined
      }),
    )
}

async function newest(session: Session, last: number): Promise<Event[]> {
  const limit = Math.min(last, 500)
  const { items } = await take(
    session.client.GET('/api/v1/events', { params: { query: { last: limit, limit } } }),
  )
  return items
}

async function follow(session: Session, after: number | undefined): Promise<void> {
  const url = `${session.url}/api/v1/events/stream`
  const answer = await fetch(url, {
    headers: {
      authorization: `Bearer ${session.token ?? ''}`,
      ...(after === undefined ? {} : { 'last-event-id': String(after) }),
    },
  }).catch((error: unknown) => {
    throw unreachable(session.url, error)
  })
  if (!answer.ok || !answer.body)
    throw fromProblem(answer.status, await answer.json().catch(() => null), '/api/v1/events/stream')
  for await (const { event, data } of readServerEvents(answer.body))
    if (event === 'event') session.out(session.json ? `${JSON.stringify(data)}\n` : line(data as Event))
}

function line(event: Event): string {
  return `${when(event.at)}  ${event.kind.padEnd(22)}  ${event.message}\n`
}
