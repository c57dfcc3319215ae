import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { body, client, type Schemas } from './client.ts'
import { readStream } from './event-stream.ts'

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

function gatherer(queries: QueryClient): (event: Schemas['Event']) => void {
  let hosts = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | null = null
  const look = () => {
    timer = null
    const changed = hosts
    hosts = new Set()
    for (const key of [
      'overview',
      'instances',
      'instance',
      'operations',
      'operation',
      'why',
      'events',
      'certificates',
      'host',
    ])
      void queries.invalidateQueries({ queryKey: [key] })
    for (const id of changed) void patchHost(queries, id)
  }
  return ({ hostId }) => {
    if (hostId !== null) hosts.add(hostId)
    if (timer === null) timer = setTimeout(look, GATHER_MS)
  }
}

/** One row of a list of ten thousand is asked for, not the list. */
async function patchHost(queries: QueryClient, id: string): Promise<void> {
  const list = queries.getQueryData<Schemas['Host'][]>(['hosts'])
  if (list === undefined) return
  const host = await body(client.GET('/api/v1/hosts/{key}', { params: { path: { key: id } } })).catch(
    () => null,
  )
  queries.setQueryData<Schemas['Host'][]>(['hosts'], (hosts) => {
    const others = (hosts ?? []).filter((one) => one.id !== id)
    if (host === null) return others
    const at = (hosts ?? []).findIndex((one) => one.id === id)
    if (at < 0) return [...others, host].sort((a, b) => (a.name < b.name ? -1 : 1))
    return (hosts ?? []).map((one) => (one.id === id ? host : one))
  })
}
