import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { body, client, type Schemas } from './client.ts'
import { readStream } from './event-stream.ts'
import { ProblemError } from './problem.ts'

export type Live = { state: 'connecting' | 'live' } | { state: 'lost'; since: Date }

const AGAIN_MS = 1_000
/** Many events become one look. */
const GATHER_MS = 250

const LiveContext = createContext<Live>({ state: 'connecting' })
export const useLive = () => useContext(LiveContext)

/** Keeps one stream of all events open, and has what they are about asked for again. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient()
  const [live, setLive] = useState<Live>({ state: 'connecting' })
  useEffect(() => {
    const end = new AbortController()
    const notice = gatherer(queries)
    // the moment since when what is shown may be old stays the first one
    const tell = (next: Live) =>
      setLive((now) => (now.state === 'lost' && next.state === 'lost' ? now : next))
    void follow(end.signal, tell, notice, () => void queries.invalidateQueries())
    return () => end.abort()
  }, [queries])
  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>
}

async function follow(
  signal: AbortSignal,
  tell: (live: Live) => void,
  notice: (event: Schemas['Event']) => void,
  missed: () => void,
): Promise<void> {
  let lastId: string | undefined
  let wasLive = false
  while (!signal.aborted) {
    await readStream('/api/v1/events/stream', {
      signal,
      lastId,
      onOpen() {
        if (wasLive) missed()
        wasLive = true
        tell({ state: 'live' })
      },
      onMessage({ data, id }) {
        lastId = id
        // written by the API with the schema of the same name
        notice(JSON.parse(data) as Schemas['Event'])
      },
    }).catch(() => undefined)
    if (signal.aborted) return
    tell({ state: 'lost', since: new Date() })
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    while (!signal.aborted && !(await answers())) {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
  }
}

async function answers(): Promise<boolean> {
  return fetch('/api/v1/health').then(
    ({ ok }) => ok,
    () => false,
  )
}

/** Asked for again whatever happened: each is small. */
const ALWAYS = [
  'overview',
  'instance',
  'operations',
  'operation',
  'why',
  'events',
  'certificates',
  'host',
  'cable-summary',
]
/** What is read from switches: only when somebody says that ports have changed. */
const OF_PORTS = new Set(['ports.changed', 'host.drift', 'host.drift-over', 'rack.applied', 'rack.removed'])

function gatherer(queries: QueryClient): (event: Schemas['Event']) => void {
  let changed = { hosts: new Set<string>(), instances: new Set<string>(), ports: false, racks: false }
  let timer: ReturnType<typeof setTimeout> | null = null
  const look = () => {
    timer = null
    const { hosts, instances, ports, racks } = changed
    changed = { hosts: new Set(), instances: new Set(), ports: false, racks: false }
    const keys = [
      ...ALWAYS,
      ...(hosts.size > 0 ? ['rack-hosts'] : []),
      ...(ports ? ['switch-ports', 'drift'] : []),
      ...(racks ? ['racks', 'rack', 'cables'] : []),
    ]
    for (const key of keys) void queries.invalidateQueries({ queryKey: [key] })
    for (const id of hosts)
      void patch<Schemas['Host']>(queries, 'hosts', id, () =>
        body(client.GET('/api/v1/hosts/{key}', { params: { path: { key: id } } })),
      )
    for (const id of instances)
      void patch<Schemas['Instance']>(queries, 'instances', id, async () => {
        const found = await body(client.GET('/api/v1/instances/{key}', { params: { path: { key: id } } }))
        return found.state === 'destroyed' ? null : found
      })
  }
  return ({ kind, hostId, instanceId }) => {
    if (hostId !== null) changed.hosts.add(hostId)
    if (instanceId !== null) changed.instances.add(instanceId)
    changed.ports ||= OF_PORTS.has(kind)
    changed.racks ||= kind.startsWith('rack.')
    if (timer === null) timer = setTimeout(look, GATHER_MS)
  }
}

/** One row of a list of ten thousand is asked for, not the list. Null: it is gone. */
async function patch<Item extends { id: string; name: string }>(
  queries: QueryClient,
  list: 'hosts' | 'instances',
  id: string,
  ask: () => Promise<Item | null>,
): Promise<void> {
  if (queries.getQueryData([list]) === undefined) return
  const item = await ask().catch((failure: unknown) => {
    if (failure instanceof ProblemError && failure.status === 404) return null
    // it may well be there still: its row stays as it was, and the whole list is asked for again
    void queries.invalidateQueries({ queryKey: [list] })
    return undefined
  })
  if (item === undefined) return
  queries.setQueryData<Item[]>([list], (had = []) => {
    if (item === null) return had.filter((one) => one.id !== id)
    if (had.some((one) => one.id === id)) return had.map((one) => (one.id === id ? item : one))
    return [...had, item].sort((a, b) => (a.name < b.name ? -1 : 1))
  })
}
