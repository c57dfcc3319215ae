import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An object as NetBox shows it: with all that importers do not need. */
export type Row = { id: number; [field: string]: unknown }

export interface NetboxDouble {
  url: string
  asked: string[]
  stop(): void
}

/** Which fields of a row a filter compares, by list; NetBox refuses a filter that a list has not. */
const filters: Record<string, Record<string, (row: Row) => unknown>> = {
  'dcim/racks': { name: ({ name }) => name },
  'dcim/devices': { id: ({ id }) => id, rack_id: ({ rack }) => (rack as Row | null)?.id },
  'dcim/device-types': { id: ({ id }) => id },
  'dcim/interfaces': { id: ({ id }) => id, device_id: ({ device }) => (device as Row).id },
  'dcim/cables': { id: ({ id }) => id },
  'ipam/vlan-groups': { slug: ({ slug }) => slug },
}

/** NetBox's REST API as far as lists go: token, filters that are told apart by "or", pages of at most `most`. */
export async function startNetbox(
  token: string,
  lists: Record<string, readonly Row[]>,
  most = 1000,
): Promise<NetboxDouble> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://netbox')
    const reply = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    asked.push(`${request.method} ${url.pathname}`)
    if (request.headers.authorization !== `Token ${token}`) return reply(403, { detail: 'Invalid token' })
    const name = /^\/api\/([\w-]+\/[\w-]+)\/$/.exec(url.pathname)?.[1] ?? ''
    const rows = lists[name]
    const known = filters[name]
    if (request.method !== 'GET' || !rows || !known) return reply(404, { detail: 'Not found.' })
    let found = [...rows]
    for (const filter of new Set(url.searchParams.keys())) {
      if (['limit', 'offset', 'ordering'].includes(filter)) continue
      const field = known[filter]
      if (!field) return reply(400, { [filter]: ['Unknown filter field'] })
      const values = url.searchParams.getAll(filter)
      found = found.filter((row) => values.includes(String(field(row))))
    }
    const offset = Number(url.searchParams.get('offset') ?? 0)
    const limit = Math.min(Number(url.searchParams.get('limit') ?? 50), most)
    const results = found.slice(offset, offset + limit)
    const next =
      offset + limit < found.length ? `http://inside.example${url.pathname}?offset=${offset + limit}` : null
    reply(200, { count: found.length, next, previous: null, results })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // it listens on TCP
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    stop: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
