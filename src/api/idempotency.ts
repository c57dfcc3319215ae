import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { FerruleError } from '../domain/errors.ts'
import type { Remembered } from '../services/requests.ts'
import { rememberAnswer, rememberedRequest } from '../services/requests.ts'
import type { Operation } from '../store/operations.ts'
import type { ApiContext } from './context.ts'

/** What a call answers: kept as it is, to be given again. */
export interface Answer<Body> {
  headers: Record<string, string>
  body: Body
}

/** The answer of a request that has begun this operation: also given when the first answer never was. */
type AnswerOf<Body> = (operation: Operation) => Promise<Answer<Body>>

/** Two requests with one key at once: the second waits for the first. Other replicas are held off by the key in the database. */
const underWay = new Map<string, Promise<unknown>>()

/**
 * Idempotency-Key: the same key with the same request gets the same answer again; with another request it is refused.
 * A request that begins an operation is kept in the operation's own transaction: whatever dies after that, the same key
 * finds the operation. Errors are never remembered: after one the same key may be tried again.
 */
export async function answerOnce<Body>(
  context: ApiContext,
  request: FastifyRequest,
  work: () => Promise<Answer<Body>>,
  again: AnswerOf<Body> | null = null,
): Promise<Answer<Body>> {
  const key = request.headers['idempotency-key']
  if (typeof key !== 'string') return work()
  // from here on whatever this request begins is kept under its key
  request.caller = { ...request.caller, request: { key, hash: hashOf(request) } }
  const slot = `${request.caller.name} ${key}`
  const before = underWay.get(slot) ?? Promise.resolve()
  const mine = before.catch(() => undefined).then(() => answerUnderKey(context, request, key, work, again))
  underWay.set(slot, mine)
  try {
    return await mine
  } finally {
    if (underWay.get(slot) === mine) underWay.delete(slot)
  }
}

/** For requests that do nothing but begin an operation. */
export function beginOnce<Body>(
  context: ApiContext,
  request: FastifyRequest,
  begin: () => Promise<Operation>,
  answer: AnswerOf<Body>,
): Promise<Answer<Body>> {
  return answerOnce(context, request, async () => answer(await begin()), answer)
}

async function answerUnderKey<Body>(
  { services }: ApiContext,
  request: FastifyRequest,
  key: string,
  work: () => Promise<Answer<Body>>,
  again: AnswerOf<Body> | null,
): Promise<Answer<Body>> {
  const { caller } = request
  const first = await rememberedRequest(services, caller, key)
  if (first) return answerOfFirst(first, caller.request?.hash ?? '', again)
  try {
    const answer = await work()
    await rememberAnswer(services, caller, answer)
    return answer
  } catch (error) {
    // another replica was faster with this request: what it has begun may itself be what stands in the way of this one
    const other = error instanceof FerruleError ? await rememberedRequest(services, caller, key) : null
    if (!other) throw error
    return answerOfFirst(other, caller.request?.hash ?? '', again)
  }
}

async function answerOfFirst<Body>(
  first: Remembered,
  hash: string,
  again: AnswerOf<Body> | null,
): Promise<Answer<Body>> {
  if (first.hash !== hash)
    throw new FerruleError(
      'idempotency-mismatch',
      'this Idempotency-Key was used for another request',
      'Make a new key for each new request.',
    )
  // what was stored by this very file, for a request with this hash: so for this route
  if (first.answer !== null) return first.answer as Answer<Body>
  if (first.operation && again) return again(first.operation)
  throw new FerruleError(
    'conflict',
    'the request with this Idempotency-Key was done, and what it began is not in the records any more',
    'Look at what there is, and make a new key for a new request.',
  )
}

/** Passwords are left out: a hash of a short secret is as good as the secret. */
function hashOf(request: FastifyRequest): string {
  const body = JSON.stringify(request.body ?? null, (name, value: unknown) =>
    name === 'password' ? undefined : value,
  )
  return createHash('sha256').update(`${request.method} ${request.url}\n${body}`).digest('hex')
}
