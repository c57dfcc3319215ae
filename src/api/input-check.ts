import type { FastifyRequest } from 'fastify'
import { FerruleError } from '../domain/errors.ts'

const deepest = 64

/**
 * Before validation: PostgreSQL stores neither NUL nor half a surrogate pair, in text as little as in jsonb, so no
 * such string may get past the door, wherever it stands.
 */
export async function refuseUnstorable(request: FastifyRequest): Promise<void> {
  const faults: { path: string; problem: string }[] = []
  search(request.params, 'path', faults, 0)
  search(request.query, 'query', faults, 0)
  search(request.body, 'body', faults, 0)
  if (faults.length === 0) return
  throw new FerruleError(
    'invalid-input',
    `the request has ${faults.length} fault${faults.length > 1 ? 's' : ''}: ${faults.map((fault) => `${fault.path}: ${fault.problem}`).join(' | ')}`,
    'Correct these places and send it again; nothing was changed.',
    { faults },
  )
}

function search(
  value: unknown,
  path: string,
  faults: { path: string; problem: string }[],
  depth: number,
): void {
  if (faults.length >= 20) return
  if (depth > deepest) {
    faults.push({ path: path.slice(0, 100), problem: `is nested deeper than ${deepest} levels` })
    return
  }
  if (typeof value === 'string') {
    if (value.includes('\0')) faults.push({ path, problem: 'contains NUL' })
    else if (/\p{Surrogate}/u.test(value)) faults.push({ path, problem: 'contains half a surrogate pair' })
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) {
    if (key.includes('\0') || /\p{Surrogate}/u.test(key))
      faults.push({ path, problem: 'a name contains NUL' })
    else search(child, `${path}/${key}`, faults, depth + 1)
  }
}

/** A uuid-shaped key that is no uuid names nothing: PostgreSQL would refuse to compare it. */
export async function refuseHalfUuid(request: FastifyRequest): Promise<void> {
  const { params } = request
  const key = typeof params === 'object' && params !== null && 'key' in params ? params.key : undefined
  if (typeof key !== 'string' || !/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(key)) return
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(key)) return
  throw new FerruleError('not-found', `there is nothing with the id ${key}`, 'List what there is.', { key })
}

/** The YAML parser takes seconds for a text that is nothing but opening brackets, and everything else would wait. */
export function refuseDeepText(text: string): void {
  let depth = 0
  for (const character of text) {
    if (character === '[' || character === '{') depth++
    else if (character === ']' || character === '}') depth--
    if (depth > deepest) break
  }
  if (depth <= deepest && !/(?:[-?][ \t]+){64}/.test(text)) return
  throw new FerruleError(
    'invalid-input',
    `the text is nested deeper than ${deepest} levels`,
    'Send a flatter one; nothing was changed.',
  )
}
