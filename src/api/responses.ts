import type { Answer } from './idempotency.ts'

/** Long work has begun: where to watch it. */
export function begun<Body>(operation: { id: string }, body: Body): Answer<Body> {
  return { headers: { location: operationPath(operation.id) }, operationId: operation.id, body }
}

/** Nothing is under way: the answer says all. */
export function settled<Body>(body: Body): Answer<Body> {
  return { headers: {}, operationId: null, body }
}

export function operationPath(id: string): string {
  return `/api/v1/operations/${id}`
}
