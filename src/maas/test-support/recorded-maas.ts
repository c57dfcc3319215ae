import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMaas, type MaasOptions } from '../client.ts'
import type { Maas } from '../types.ts'

const folder = new URL('../fixtures/', import.meta.url)

/** One exchange with a running MAAS 3.7.3, the OAuth header left out. */
export interface Capture {
  request: { method: string; path: string; op: string | null; query: Fields; form: Fields | null }
  response: { status: number; headers: Record<string, string>; body: unknown }
}

/** A list is a repeated key. */
type Fields = Record<string, string | number | (string | number)[]>

export interface Seen {
  method: string
  path: string
  op: string | null
  query: Record<string, string | string[]>
  form: Record<string, string | string[]>
  headers: IncomingMessage['headers']
  body: string
}

export type Reply = Pick<Capture['response'], 'status' | 'headers' | 'body'> | 'hang up' | 'half' | 'nothing'

export interface Recorded {
  maas: Maas
  url: string
  seen: Seen[]
  stop(): Promise<void>
}

export function capture(number: string): Capture {
  const name = readdirSync(folder).find((file) => file.startsWith(`${number}-`))
  if (!name) throw new Error(`no fixture ${number}`)
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
}

export const KEY = 'consumerpart:tokenpart:secretpart'

/** A MAAS on loopback that gives these answers one after the other, and the last one for good. */
export async function recordedMaas(
  replies: readonly Reply[],
  options: Partial<MaasOptions> = {},
): Promise<Recorded> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    void collect(request).then((one) => {
      const reply = replies[Math.min(seen.length, replies.length - 1)]
      seen.push(one)
      answer(request, response, reply)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/MAAS`
  const timeouts = { read: 2000, write: 2000, pauses: [1, 1, 1] }
  return {
    url,
    seen,
    maas: createMaas({ url, key: KEY, timeouts, ...options }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function collect(request: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks).toString('utf8')
  const url = new URL(request.url ?? '', 'http://maas')
  const op = url.searchParams.get('op')
  url.searchParams.delete('op')
  const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded'
  return {
    method: request.method ?? '',
    path: url.pathname,
    op,
    query: fields(url.searchParams),
    form: isForm ? fields(new URLSearchParams(body)) : {},
    headers: request.headers,
    body,
  }
}

function answer(request: IncomingMessage, response: ServerResponse, reply: Reply | undefined): void {
  if (reply === 'hang up' || reply === undefined) {
    request.socket.destroy()
    return
  }
  if (reply === 'nothing') return
  if (reply === 'half') {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 100 })
    response.write('{"system_id":', () => request.socket.destroy())
    return
  }
  const { 'Content-Type': contentType = '' } = reply.headers
  const isText = typeof reply.body === 'string' && !contentType.startsWith('application/json')
  response.writeHead(reply.status, reply.headers).end(isText ? reply.body : JSON.stringify(reply.body))
}

function fields(search: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(search.keys())].map((name) => {
      const [first = '', ...more] = search.getAll(name)
      return [name, more.length > 0 ? [first, ...more] : first]
    }),
  )
}

/** A capture's fields as they are on the wire: all text. */
export function asText(fields: Fields | null): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(fields ?? {}).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(String) : String(value),
    ]),
  )
}
