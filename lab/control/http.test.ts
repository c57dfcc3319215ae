import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { JsonServer } from './http.ts'
import { ControlError, serveJson } from './http.ts'

let server: JsonServer

beforeEach(async () => {
  server = await serveJson(
    [
      { method: 'GET', pattern: '/', handle: () => ({ root: true }) },
      {
        method: 'GET',
        pattern: '/things/:name',
        handle: (call) => ({ name: call.param('name'), q: call.query.get('q') }),
      },
      {
        method: 'POST',
        pattern: '/things/:name',
        handle: ({ body }) => z.object({ up: z.boolean() }).parse(body),
      },
      {
        method: 'GET',
        pattern: '/gone',
        handle: () => {
          throw new ControlError(404, 'no thing of that name')
        },
      },
    ],
    '127.0.0.1',
    0,
  )
})
afterEach(() => server.stop())

async function ask(path: string, init?: RequestInit): Promise<[number, unknown]> {
  const response = await fetch(`${server.url}${path}`, init)
  return [response.status, await response.json()]
}

test('routes by method and pattern, with parameters decoded', async () => {
  expect(await ask('/')).toEqual([200, { root: true }])
  expect(await ask('/things/a%20b?q=1')).toEqual([200, { name: 'a b', q: '1' }])
  expect(await ask('/things/a', { method: 'POST', body: '{"up":true}' })).toEqual([200, { up: true }])
})

test("errors are JSON: unknown path, wrong method, bad body, a handler's own", async () => {
  expect(await ask('/nothing')).toEqual([404, { error: 'nothing at /nothing' }])
  expect(await ask('/things/a', { method: 'PUT' })).toEqual([405, { error: '/things/a knows GET, POST' }])
  expect(await ask('/things/a', { method: 'POST', body: '{' })).toEqual([
    400,
    { error: 'the body is not JSON' },
  ])
  const [status, body] = await ask('/things/a', { method: 'POST', body: '{"up":1}' })
  expect(status).toBe(400)
  expect(body).toEqual({ error: expect.stringMatching(/^up: /) })
  expect(await ask('/gone')).toEqual([404, { error: 'no thing of that name' }])
})
