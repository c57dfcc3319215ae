import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { certificates } from './certificates.ts'
import { newMachine } from './fake-machine.ts'
import { serve } from './fake-resources.ts'
import { type FakeBmc, type FakeBmcOptions, problem, type Reply, type Seen, user } from './fake-types.ts'

export async function startFakeBmc(options: FakeBmcOptions = {}): Promise<FakeBmc> {
  const host = options.host ?? '127.0.0.1'
  const pair = certificates[options.certificate ?? 'first']
  let now = 0
  let most = 0
  let connections = 0
  const bmc: FakeBmc = {
    address: '',
    fingerprint: pair.fingerprint,
    machine: newMachine(),
    options,
    seen: [],
    sessions: new Map(),
    mostAtOnce: () => most,
    connections: () => connections,
    answer: () => undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  const server = createServer({ key: pair.key, cert: pair.cert }, (request, response) => {
    now += 1
    most = Math.max(most, now)
    void receive(request).then(async (ask) => {
      bmc.seen.push(ask)
      const reply = bmc.answer(ask, () => usual(bmc, ask)) ?? usual(bmc, ask)
      if (reply.delayMs) await new Promise((resolve) => setTimeout(resolve, reply.delayMs))
      now -= 1
      send(reply, response)
    })
  })
  server.on('secureConnection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, host, resolve))
  // Listening on TCP, so an AddressInfo.
  bmc.address = `${host}:${(server.address() as AddressInfo).port}`
  return bmc
}

async function receive(request: IncomingMessage): Promise<Seen> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  )
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers,
    body: text === '' ? undefined : JSON.parse(text),
  }
}

function usual(bmc: FakeBmc, ask: Seen): Reply {
  const open =
    /^\/redfish\/v1\/?$/.test(ask.path) || (ask.method === 'POST' && ask.path.endsWith('/Sessions'))
  if (!open && !isLoggedIn(bmc, ask))
    return { status: 401, body: problem('Base.1.8.NoValidSession', 'Log in.') }
  return serve(bmc, ask)
}

function isLoggedIn(bmc: FakeBmc, ask: Seen): boolean {
  const token = ask.headers['x-auth-token']
  if (token !== undefined) return [...bmc.sessions.values()].includes(token)
  const basic = Buffer.from(`${user.username}:${user.password}`).toString('base64')
  return ask.headers.authorization === `Basic ${basic}`
}

function send(reply: Reply, response: ServerResponse): void {
  if (reply.lost) {
    response.socket?.destroy()
    return
  }
  const body =
    reply.body === undefined ? '' : typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)
  response.writeHead(reply.status, { 'Content-Type': 'application/json', ...reply.headers })
  response.end(body)
}
