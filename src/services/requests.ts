import { FerruleError } from '../domain/errors.ts'
import type { Queryable } from '../store/database.ts'
import type { Operation } from '../store/operations.ts'
import { operationById } from '../store/operations.ts'
import { insertRequest, rememberResponse, requestByKey } from '../store/requests.ts'
import type { Caller, Services } from './context.ts'

/** A request that its key tells to be a repetition, and what came of the first one. */
export interface Remembered {
  hash: string
  /** As it was given; null: the process died before it could be. */
  answer: unknown
  /** What the request began; null: nothing that goes on. */
  operation: Operation | null
}

/** Another replica was faster with the same request: nothing of this one has happened. */
export class RepeatedRequest extends FerruleError {
  constructor(key: string) {
    super(
      'conflict',
      `the request with Idempotency-Key ${key} has begun its operation already`,
      'Send it once more: it gets the answer of the first one.',
      { key },
    )
  }
}

/** In the transaction that begins the operation: key and operation are there together, or not at all. */
export async function keepRequest(db: Queryable, caller: Caller, operationId: string): Promise<void> {
  if (!caller.request) return
  const { key, hash } = caller.request
  if (!(await insertRequest(db, { token: caller.name, key, hash }, operationId)))
    throw new RepeatedRequest(key)
}

/** What came of the request that had this key first; null: there was none. */
export async function rememberedRequest(
  services: Services,
  caller: Caller,
  key: string,
): Promise<Remembered | null> {
  const { db } = services.tools
  const found = await requestByKey(db, caller.name, key)
  if (!found) return null
  return {
    hash: found.hash,
    answer: found.response,
    operation: found.operationId === null ? null : await operationById(db, found.operationId),
  }
}

/** So that the same answer is given again. */
export async function rememberAnswer(services: Services, caller: Caller, answer: unknown): Promise<void> {
  if (!caller.request) return
  await rememberResponse(services.tools.db, { token: caller.name, ...caller.request }, answer)
}
