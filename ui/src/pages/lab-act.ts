import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { body, client, type Schemas } from '../api/client.ts'
import { labQuery } from '../api/queries.ts'

export type Lab = Schemas['Lab']
export type Target = Lab['targets'][number]
export type Dial = Target['dials'][number]
type Act = Schemas['LabActInput']

/**
 * Does something in the room, and looks at once at what came of it. One after the other: what is to be done may depend
 * on how things are after the press before it.
 */
export function useAct() {
  const queries = useQueryClient()
  const [error, setError] = useState<Error | null>(null)
  const before = useRef<Promise<void>>(Promise.resolve())
  const act = (what: Act | ((lab: Lab) => Act)): Promise<void> => {
    before.current = before.current.then(async () => {
      try {
        const due =
          typeof what === 'function' ? what(await queries.fetchQuery({ ...labQuery, staleTime: 0 })) : what
        await body(client.POST('/api/v1/lab/acts', { body: due }))
        setError(null)
      } catch (failure) {
        setError(failure instanceof Error ? failure : new Error(String(failure)))
      }
      void queries.invalidateQueries({ queryKey: labQuery.queryKey })
    })
    return before.current
  }
  return { act, error }
}

/** bmc/r1-h1 → bmc, r1-h1; maas → maas, maas. */
export function partsOf(path: string): { kind: string; name: string } {
  const [kind = path, name = path] = path.split('/')
  return { kind, name }
}

export const isAtRest = ({ value, rest }: Dial) => JSON.stringify(value) === JSON.stringify(rest)

/** A counted fault that never ends is the largest number there is. */
export function dialText(value: unknown, always: string): string {
  if (value === Number.MAX_SAFE_INTEGER) return always
  if (Array.isArray(value)) return value.join(', ')
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return value === null ? '' : String(value)
}
