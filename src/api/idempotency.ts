import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { FerruleError } from '../domain/errors.ts'
import { rememberAnswer, rememberedAnswer } from '../services/requests.ts'
import type { ApiContext } from './context.ts'

/** What a call answers: kept as it is, to be given again. */
export interface Answer<Body> {
  headers: Record<string, string>
  operationId: string | null
  body: Body
}

/** Two requests with one key at once: the second waits for the first. Other replicas are held off by the names' uniqueness. */
const underWay = new Map<string, Promise<unknown>>()

/**
 * Idempotency-Key: the same key with the same request gets the same answer again; with another request it is refused.
 * Only answers are remembered, never errors: after an error the same key may be tried again.
 */
export async function answerOnce<Body>(
  context: ApiContext,
  request: FastifyRequest,
  work: () => Promise<Answer<Body>>,
): Promise<Answer<Body>> {
  const key = request.headers['idempotency-key']
  if (typeof key !== 'string') return work()
  const slot = `${request.caller.name} ${key}`
  const before = underWay.get(slot) ?? Promise.resolve()
  const mine = before.catch(() => undefined).then(() => answerUnderKey(context, request, key, work))
  underWay.set(slot, mine)
  try {
    return await mine
  } finally {
    if (underWay.get(slot) === mine) underWay.delete(slot)
  }
}

async function answerUnderKey<Body>(
  context: ApiContext,
  request: FastifyRequest,
  key: string,
  work: () => Promise<Answer<Body>>,
): Promise<Answer<Body>> {
  const { services } = context
  const hash = hashOf(request)
  const remembered = await rememberedAnswer(services, request.caller, key)
  if (remembered) {
    if (remembered.hash !== hash)
      throw new FerruleError(
        'idempotency-mismatch',
        'this Idempotency-Key was used for another request',
        'Make a new key for each new request.',
        { key },
      )
    // what was stored below, by this very function
    return remembered.answer as Answer<Body>
  }
  const answer = await work()
  await rememberAnswer(services, request.caller, key, {
    hash,
    answer,
    operationId: answer.operationId,
  })
  return answer
}

/** Passwords are left out: a hash of a short secret is as good as the secret. */
function hashOf(request: FastifyRequest): string {
  const body = JSON.stringify(request.body ?? null, (name, value: unknown) =>
    name === 'password' ? undefined : value,
  )
  return createHash('sha256').update(`${request.method} ${request.url}\n${body}`).digest('hex')
}
