import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertEvent } from '../../src/store/events.ts'
import { endOperation, insertOperation } from '../../src/store/operations.ts'
import { type ApiFixture, startApi } from '../support/api-fixture.ts'

let fixture: ApiFixture
let url: string

beforeAll(async () => {
  fixture = await startApi()
  url = await fixture.api.listen({ host: '127.0.0.1', port: 0 })
})

afterAll(async () => {
  await fixture?.stop()
})

interface Message {
  event: string
  id: string | undefined
  data: Record<string, unknown>
}

async function open(path: string, headers: Record<string, string> = {}) {
  const stop = new AbortController()
  const answer = await fetch(`${url}/api/v1/${path}`, {
    headers: { authorization: `Bearer ${fixture.tokens.reader}`, ...headers },
    signal: AbortSignal.any([stop.signal, AbortSignal.timeout(20_000)]),
  })
  return { answer, messages: answer.body ? read(answer.body) : null, stop: () => stop.abort() }
}

async function* read(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  let rest = ''
  for await (const chunk of body) {
    const parts = (rest + Buffer.from(chunk).toString('utf8')).split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const fields = new Map(
        part.split('\n').map((line) => [line.split(': ')[0], line.split(': ').slice(1).join(': ')]),
      )
      const data = fields.get('data')
      if (data) yield { event: fields.get('event') ?? '', id: fields.get('id'), data: JSON.parse(data) }
    }
  }
}

async function newOperation() {
  const { db, newId } = fixture.services.tools
  return insertOperation(db, {
    id: newId(),
    kind: 'reboot',
    ref: 'reboot@1',
    hostId: null,
    instanceId: null,
    input: {},
    createdBy: 'test',
  })
}

describe('streams', () => {
  test('an operation is sent now and after each change, and its stream ends with it', async () => {
    const { db } = fixture.services.tools
    const operation = await newOperation()
    const { answer, messages } = await open(`operations/${operation.number}/events`)
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    const seen: unknown[] = []
    for await (const message of messages ?? []) {
      if (message.event !== 'operation') continue
      seen.push(message.data.state)
      if (message.data.state === 'queued') await endOperation(db, operation.id, 'succeeded', null)
    }
    expect(seen).toEqual(['queued', 'succeeded'])
  })

  test('an operation that is not there is a plain 404', async () => {
    const { answer } = await open('operations/99999/events')
    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  })

  test('events come as they happen, and Last-Event-ID goes on where the reader stopped', async () => {
    const { db } = fixture.services.tools
    const first = await open('events/stream')
    await insertEvent(db, { kind: 'test.one', message: 'one' })
    const one = (await first.messages?.next())?.value
    expect(one).toMatchObject({ event: 'event', data: { kind: 'test.one' } })
    first.stop()
    await insertEvent(db, { kind: 'test.two', message: 'two' })
    const second = await open('events/stream', { 'last-event-id': String(one?.id) })
    expect((await second.messages?.next())?.value).toMatchObject({ data: { kind: 'test.two' } })
    second.stop()
  })

  test('events of one thing, the newest first, page by page to the very first', async () => {
    const { db } = fixture.services.tools
    const names = ['test.first', 'test.second', 'test.third']
    const { id: operationId } = await newOperation()
    const ask = async (query: string): Promise<{ items: { kind: string }[]; next: string | null }> => {
      const { answer } = await open(`events?operationId=${operationId}&${query}`)
      return JSON.parse(await answer.text())
    }
    for (const kind of names) await insertEvent(db, { kind, operationId, message: kind })
    await insertEvent(db, { kind: 'test.elsewhere', message: 'of no operation' })
    const seen: string[] = []
    let before = ''
    for (let pages = 0; pages < 50; pages++) {
      const page = await ask(`order=newest&limit=2${before}`)
      seen.push(...page.items.map(({ kind }) => kind))
      if (page.next === null) break
      before = `&before=${page.next}`
    }
    expect(seen.slice(0, 3)).toEqual(names.toReversed())
    const all = await ask('limit=500')
    expect(seen).toEqual(all.items.map(({ kind }) => kind).toReversed())
  })

  test('the streams go on after the listening connection was cut', async () => {
    const { db } = fixture.services.tools
    const { messages, stop } = await open('events/stream')
    await insertEvent(db, { kind: 'test.before', message: 'before' })
    expect((await messages?.next())?.value).toMatchObject({ data: { kind: 'test.before' } })
    const cut = await fixture.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen ferrule' and datname = current_database()`,
    )
    expect(cut.rowCount).toBe(1)
    await insertEvent(db, { kind: 'test.after', message: 'after' })
    expect((await messages?.next())?.value).toMatchObject({ data: { kind: 'test.after' } })
    stop()
  })

  test('an open stream does not hold up the closing of the server', async () => {
    const api = await fixture.another(null)
    const address = await api.listen({ host: '127.0.0.1', port: 0 })
    const answer = await fetch(`${address}/api/v1/events/stream`, {
      headers: { authorization: `Bearer ${fixture.tokens.admin}` },
    })
    const began = Date.now()
    await Promise.all([api.close(), answer.text()])
    expect(Date.now() - began).toBeLessThan(2_000)
  })
})
