import type { MaasEvent } from '../model.ts'
import { eventDate } from '../render/dates.ts'
import { API } from '../render/network.ts'
import { type Answer, badRequest, json } from './answer.ts'
import type { Call, Resource } from './call.ts'

const LEVELS: readonly MaasEvent['level'][] = ['AUDIT', 'DEBUG', 'INFO', 'WARNING', 'ERROR']
const MAX_LIMIT = 1000

export const eventsResource: Resource = {
  name: 'EventsHandler',
  path: 'events/',
  handlers: { 'GET query': list },
}

/** Newest first; `before` and `after` are event ids, exclusive. */
function list({ region, query }: Call): Answer {
  const limit = query.int('limit') ?? 100
  if (limit > MAX_LIMIT)
    throw badRequest(`Requested number of events ${limit} is greater than limit: ${MAX_LIMIT}`)
  const least = LEVELS.indexOf(LEVELS.find((one) => one === query.get('level')) ?? 'INFO')
  const ids = query.all('id')
  const hostnames = query.all('hostname')
  const macs = query.all('mac_address')
  const before = query.int('before')
  const after = query.int('after')

  const hasMac = ({ systemId }: MaasEvent) =>
    (region.node(systemId)?.interfaces ?? []).some(({ mac }) => macs.includes(mac))
  const matching = region.state.events.filter(
    (event) =>
      (before === undefined || event.id < before) &&
      (after === undefined || event.id > after) &&
      (ids.length === 0 || ids.includes(event.systemId)) &&
      (hostnames.length === 0 || hostnames.includes(event.hostname)) &&
      LEVELS.indexOf(event.level) >= least &&
      (macs.length === 0 || hasMac(event)),
  )
  // With `after` the page nearest to it, else the newest: both shown newest first.
  const page = (after === undefined ? matching.slice(-limit) : matching.slice(0, limit)).reverse()
  const uri = (key: string, id: number): string => {
    const kept = query.entries().filter(([name]) => name !== 'before' && name !== 'after' && name !== 'op')
    return `${API}/events/?${new URLSearchParams([['op', 'query'], ...kept, [key, String(id)]])}`
  }
  return json({
    count: page.length,
    events: page.map((event) => ({
      username: event.username,
      node: event.systemId,
      hostname: event.hostname,
      id: event.id,
      level: event.level,
      created: eventDate(event.at),
      type: event.type,
      description: event.description,
    })),
    next_uri: uri('after', page[0]?.id ?? after ?? 0),
    prev_uri: uri('before', page.at(-1)?.id ?? before ?? 0),
  })
}
