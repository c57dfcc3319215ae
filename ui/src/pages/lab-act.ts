import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { body, client, type Schemas } from '../api/client.ts'

export type Lab = Schemas['Lab']
export type Target = Lab['targets'][number]
export type Dial = Target['dials'][number]
type Act = Schemas['LabActInput']

/** Does something in the room, and looks at once at what came of it. */
export function useAct() {
  const queries = useQueryClient()
  const [error, setError] = useState<Error | null>(null)
  const act = (what: Act) =>
    body(client.POST('/api/v1/lab/acts', { body: what }))
      .then(() => setError(null))
      .catch((failure: unknown) => setError(failure instanceof Error ? failure : new Error(String(failure))))
      .finally(() => void queries.invalidateQueries({ queryKey: ['lab'] }))
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
