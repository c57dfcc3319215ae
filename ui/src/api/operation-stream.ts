import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Schemas } from './client.ts'
import { readStream } from './event-stream.ts'
import { operationQuery } from './queries.ts'

const AGAIN_MS = 1_000

/** One operation with its steps, as it goes on. */
export function useOperation(key: string) {
  const queries = useQueryClient()
  const query = useQuery(operationQuery(key))
  const ended = query.data !== undefined && query.data.endedAt !== null
  useEffect(() => {
    if (ended) return
    const end = new AbortController()
    void (async () => {
      while (!end.signal.aborted) {
        await readStream(`/api/v1/operations/${encodeURIComponent(key)}/events`, {
          signal: end.signal,
          onMessage({ event, data }) {
            if (event === 'operation') {
              // written by the API with the schema of the same name
              queries.setQueryData(['operation', key], JSON.parse(data) as Schemas['OperationWithSteps'])
              // else it would go on saying for seconds what the picture beside it denies
              void queries.invalidateQueries({ queryKey: ['why', 'operation'] })
            } else void queries.invalidateQueries({ queryKey: ['events'] })
          },
        }).catch(() => undefined)
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
        if (!end.signal.aborted) void queries.invalidateQueries({ queryKey: ['operation', key] })
      }
    })()
    return () => end.abort()
  }, [queries, key, ended])
  return query
}
