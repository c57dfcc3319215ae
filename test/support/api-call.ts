import type { OutgoingHttpHeaders } from 'node:http'
import { afterAll, beforeAll } from 'vitest'
import { sagas } from '../../src/workflows/catalogue.ts'
import { type ApiFixture, startApi } from './api-fixture.ts'

interface Call {
  /** null: none. Not said: the administrator's. */
  token?: string | null
  body?: unknown
  type?: string
  headers?: Record<string, string>
}

interface Answer {
  status: number
  headers: OutgoingHttpHeaders
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any route; a test looks into what it asked for
  body: any
  text: string
}

type Caller = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, options?: Call) => Promise<Answer>

/**
 * The API for all tests of a file, with a running replica that knows every saga: without one no operation may begin.
 * `call` takes a path that begins with a slash as it is, and puts the API's own before any other.
 */
export function apiForTests(): { fixture: () => ApiFixture; call: Caller } {
  let fixture: ApiFixture | undefined
  const standing = () => {
    if (fixture === undefined) throw new Error('the API stands only while tests run')
    return fixture
  }
  beforeAll(async () => {
    fixture = await startApi()
    await fixture.pool.query(
      "insert into replica (executor, refs, beat) values ('test', $1, now() + interval '1 day')",
      [sagas.map((saga) => saga.ref)],
    )
  })
  afterAll(() => fixture?.stop())
  return { fixture: standing, call: (...args) => callApi(standing(), ...args) }
}

async function callApi(
  { api, tokens }: ApiFixture,
  method: Parameters<Caller>[0],
  path: string,
  { token = tokens.admin, body, type = 'application/json', headers = {} }: Call = {},
): Promise<Answer> {
  const answer = await api.inject({
    method,
    url: path.startsWith('/') ? path : `/api/v1/${path}`,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': type }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const json = answer.headers['content-type']?.toString().includes('json') ? answer.json() : null
  return { status: answer.statusCode, headers: answer.headers, body: json, text: answer.body }
}

/** What adds a host; the number makes its BMC and its MAC. */
export const newHost = (name: string, number: number) => ({
  name,
  bmc: { address: `10.0.0.${number}`, username: 'admin', password: 'hunter2secret' },
  bootMac: `52:54:00:00:00:${number.toString(16).padStart(2, '0')}`,
  cpuCount: 8,
  memoryMib: 32768,
})
