import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { authority, strangerKeys, switchKeys } from '../test-support/tls-keys.ts'
import type { SwitchEndpoint } from '../types.ts'
import { HttpSwitchClient } from './client.ts'
import { httpTarget } from './target.ts'

const family = { httpsPort: 443, httpPort: 80 }
const password = 'Wort-hinter-dem-Schalter'
const pinOf = (pem: string) => new X509Certificate(pem).fingerprint256
let server: Server | null = null
let client: HttpSwitchClient | null = null
let seen: string[] = []

async function open(
  answer: { status?: number; headers?: Record<string, string>; body?: string; silent?: boolean },
  more: Partial<SwitchEndpoint>,
  requestMs = 5_000,
): Promise<HttpSwitchClient> {
  seen = []
  const started = createServer({ key: switchKeys.key, cert: switchKeys.certificate }, (request, response) => {
    seen.push(`${request.method} ${request.url}`)
    if (answer.silent) return
    response.writeHead(answer.status ?? 200, answer.headers ?? {}).end(answer.body ?? '{}')
  })
  started.listen(0, '127.0.0.1')
  await once(started, 'listening')
  server = started
  // Listening on TCP, so an AddressInfo.
  const { port } = started.address() as AddressInfo
  const endpoint = { address: `127.0.0.1:${port}`, username: 'ferrule', password, ...more }
  client = new HttpSwitchClient(
    httpTarget(endpoint, family),
    endpoint,
    { connectMs: 2_000, requestMs },
    10_000,
  )
  return client
}

afterEach(async () => {
  client?.close()
  server?.closeAllConnections()
  await new Promise((resolve) => server?.close(resolve) ?? resolve(null))
})

const ask = { method: 'GET', path: '/' } as const

test('the pinned certificate is enough, whoever signed it', async () => {
  const to = await open({}, { fingerprint: pinOf(switchKeys.certificate) })
  expect(await to.send(ask)).toEqual({ status: 200, body: '{}' })
})

test('another one gets no request', async () => {
  const to = await open({}, { fingerprint: pinOf(strangerKeys.certificate) })
  await expect(to.send(ask)).rejects.toMatchObject({
    code: 'switch-auth',
    message: expect.stringMatching(/fingerprint/),
  })
  expect(seen).toEqual([])
})

test('an authority signs for a name: a certificate of it for another switch gets no request', async () => {
  const to = await open({}, { ca: authority })
  await expect(to.send(ask)).rejects.toMatchObject({ code: 'switch-auth' })
  expect(seen).toEqual([])
})

test('an authority and a pin: both must be right, the name need not', async () => {
  const to = await open({}, { ca: authority, fingerprint: pinOf(switchKeys.certificate) })
  expect((await to.send(ask)).status).toBe(200)
  to.close()
  const stranger = { ca: strangerKeys.certificate, fingerprint: pinOf(switchKeys.certificate) }
  await expect((await open({}, stranger)).send(ask)).rejects.toMatchObject({ code: 'switch-auth' })
})

test('a person who accepts anybody', async () => {
  expect((await (await open({}, { insecure: true })).send(ask)).status).toBe(200)
})

test.each([
  ['a redirect', 'switch-refused', { status: 302, headers: { location: 'https://127.0.0.1:1/' } }],
  ['not logged in', 'switch-auth', { status: 401 }],
  ['not allowed', 'switch-auth', { status: 403 }],
  ['busy', 'switch-unreachable', { status: 503 }],
  ['no answer', 'switch-unreachable', { silent: true }],
])('%s: %s, and no password in it', async (_name, code, answer) => {
  const to = await open(answer, { insecure: true }, 'silent' in answer ? 200 : undefined)
  const error = await to
    .send({ method: 'POST', path: '/', json: { cmds: [] } })
    .catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code })
  expect(`${error} ${JSON.stringify(error)}`).not.toContain(password)
  expect(seen).toHaveLength(1)
})

test('an answer without end is not read', async () => {
  const to = await open({ body: 'x'.repeat(20_000) }, { insecure: true })
  await expect(to.send(ask)).rejects.toMatchObject({
    code: 'switch-unreachable',
    message: expect.stringMatching(/too long/),
  })
})

test('a lost lease ends the request, and later ones before they begin', async () => {
  const to = await open({ silent: true }, { insecure: true })
  const lost = new AbortController()
  const work = to.send(ask, lost.signal)
  setTimeout(() => lost.abort(), 30)
  await expect(work).rejects.toMatchObject({ code: 'lease-lost' })
  await expect(to.send(ask, lost.signal)).rejects.toMatchObject({ code: 'lease-lost' })
  expect(seen.length).toBeLessThanOrEqual(1)
})
