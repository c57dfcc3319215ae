import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { FerruleError } from '../../../domain/errors.ts'
import { type Request, result, type ScriptedServer, scriptedServer } from '../test-support/ovsdb-server.ts'
import { failureOf, OvsdbClient } from './client.ts'
import { ovsdbTarget } from './endpoint.ts'

const comment = { op: 'comment', comment: 'x' }
let server: ScriptedServer
let client: OvsdbClient

async function against(answer: (request: Request, socket: Socket, count: number) => void): Promise<void> {
  server = await scriptedServer(answer)
  const endpoint = { address: server.address, username: 'none', password: 'none' }
  client = new OvsdbClient(ovsdbTarget(endpoint), { connectMs: 1_000, requestMs: 300 })
}

afterEach(async () => {
  client.close()
  await server.stop()
})

async function failure(work: Promise<unknown>): Promise<FerruleError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof FerruleError)) throw new Error(`expected a coded error, got ${String(error)}`)
  expect(error.message).toContain(server.address)
  return error
}

test('an answer in pieces, with an echo and a notification before it', async () => {
  await against(async (request, socket, count) => {
    if (count > 1) return
    socket.write('{"id":"echo","method":"echo","params":["é"]}{"id":null,"method":"update","params":[]}')
    for (const byte of Buffer.from(result(request, '[{}]'))) {
      socket.write(Buffer.of(byte))
      await sleep(1)
    }
  })
  expect(await client.transact([comment])).toEqual([{}])
  expect(server.requests.slice(1)).toEqual([{ id: 'echo', result: ['é'], error: null }])
})

test('requests at once share a connection, and get their own answers in any order', async () => {
  const waiting: Request[] = []
  await against((request, socket) => {
    waiting.push(request)
    if (waiting.length < 2) return
    for (const one of waiting.reverse()) socket.write(result(one, `[{"details":"${one.id}"}]`))
  })
  const first = client.transact([comment])
  await sleep(50)
  const answers = await Promise.all([first, client.transact([comment])])
  expect(answers.map(([one]) => one?.details)).toEqual(['1', '2'])
  expect(server.open()).toBe(1)
})

test('the operation that failed is told, also when it is the commit', async () => {
  await against(({ id }, socket, count) => {
    const commit = '[{},{},{"error":"referential integrity violation","details":"d"}]'
    const second = '[{},{"error":"constraint violation","details":"5000 is not valid"}]'
    socket.write(result({ id, method: '', params: [] }, count === 1 ? second : commit))
  })
  expect(failureOf(await client.transact([comment, comment]))).toMatchObject({
    index: 1,
    said: 'constraint violation: 5000 is not valid',
  })
  expect(failureOf(await client.transact([comment, comment]))).toMatchObject({ index: 2 })
})

/** What an ovsdb-server, or something else in its place, may say. */
const answers: [string, string, string, string][] = [
  [
    'another database',
    '{"id":1,"error":{"error":"unknown database","details":"no Open_vSwitch"}}',
    'switch-refused',
    'unknown database: no Open_vSwitch',
  ],
  ['an unknown method', '{"id":1,"result":null,"error":"unknown method"}', 'switch-refused', 'an error'],
  ['too few outcomes', '{"id":1,"result":[],"error":null}', 'switch-refused', 'not that of an OVSDB server'],
  ['no outcomes', '{"id":1,"result":"yes","error":null}', 'switch-refused', 'not that of an OVSDB server'],
  ['no JSON', 'SSH-2.0-OpenSSH_9.2', 'switch-unreachable', 'something else than JSON'],
  ['broken JSON', '{"id":}', 'switch-unreachable', 'broken JSON'],
  [
    'an answer to nobody',
    '{"id":7,"result":[{}],"error":null}',
    'switch-unreachable',
    'no answer to transact',
  ],
  ['silence', '', 'switch-unreachable', 'no answer to transact within 0.3 s'],
]
test.each(answers)('%s', async (_name, said, code, message) => {
  await against((_request, socket) => socket.write(said))
  const error = await failure(client.transact([comment]))
  expect(error.code).toBe(code)
  expect(error.message).toContain(message)
})

test('an endless answer is given up, and what it was is let go', async () => {
  await against((_request, socket) => {
    socket.write('{"id":1,"result":["')
    const more = Buffer.alloc(1 << 20, 'x')
    const pour = () => {
      while (!socket.destroyed && socket.write(more));
    }
    socket.on('drain', pour)
    pour()
  })
  client.timeouts.requestMs = 20_000
  expect((await failure(client.transact([comment]))).message).toContain('too long')
  await expect.poll(() => server.open()).toBe(0)
})

describe('a connection that ends', () => {
  test('under a request: the request fails, the next one has a new connection', async () => {
    await against((request, socket, count) => {
      if (count === 1) socket.destroy()
      else socket.write(result(request, '[{}]'))
    })
    expect((await failure(client.transact([comment]))).code).toBe('switch-unreachable')
    expect(await client.transact([comment])).toEqual([{}])
  })

  test('by our close: nothing waits and nothing is left', async () => {
    await against(() => undefined)
    const waiting = failure(client.transact([comment]))
    await expect.poll(() => server.requests.length).toBe(1)
    client.close()
    expect((await waiting).code).toBe('switch-unreachable')
    await expect.poll(() => server.open()).toBe(0)
    expect((await failure(client.transact([comment]))).message).toContain('closed')
  })

  test('by the loss of the lease: at once, and as that', async () => {
    await against(() => undefined)
    client.timeouts.requestMs = 20_000
    const lease = new AbortController()
    const waiting = failure(client.transact([comment], { signal: lease.signal }))
    await expect.poll(() => server.requests.length).toBe(1)
    lease.abort()
    expect((await waiting).code).toBe('lease-lost')
    await expect.poll(() => server.open()).toBe(0)
    expect((await failure(client.transact([comment], { signal: lease.signal }))).code).toBe('lease-lost')
    expect(server.requests).toHaveLength(1)
  })

  test('after some seconds without use', async () => {
    await against((request, socket) => socket.write(result(request, '[{}]')))
    await client.transact([comment])
    expect(server.open()).toBe(1)
    await expect.poll(() => server.open(), { timeout: 5_000 }).toBe(0)
  })
})
