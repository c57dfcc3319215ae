import { expect, test } from 'vitest'
import { readServerEvents } from './sse-reader.ts'

async function read(chunks: string[]): Promise<unknown[]> {
  const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk))
  const events: unknown[] = []
  for await (const event of readServerEvents(ReadableStream.from(bytes))) events.push(event)
  return events
}

test('events are put together across chunks; comments and broken data are passed over', async () => {
  const events = await read([
    ': hello\n\nid: 7\nevent: opera',
    'tion\ndata: {"a":1}\n',
    '\ndata: nonsense\n\n',
    'event: event\r\ndata: {"b":\r\ndata: 2}\r\n\r\nevent: event\ndata: {"cut":',
  ])
  expect(events).toEqual([
    { event: 'operation', id: '7', data: { a: 1 } },
    { event: 'event', id: null, data: { b: 2 } },
  ])
})
