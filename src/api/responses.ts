import { FerruleError } from '../domain/errors.ts'
import type { Operation } from '../store/operations.ts'
import type { Answer } from './idempotency.ts'
import { toOperation } from './operation-json.ts'
import type { OperationJson } from './schemas/operations.ts'

/** Long work has begun: where to watch it. */
export function begun<Body>(operation: { id: string }, body: Body): Answer<Body> {
  return { headers: { location: operationPath(operation.id) }, body }
}

/** As `begun`, for calls that answer with the operation alone. */
export async function started(operation: Operation): Promise<Answer<OperationJson>> {
  return begun(operation, toOperation(operation))
}

/** What a request was about; where it is not in the records any more, the operation says what became of it. */
export async function orGone<Thing>(operation: Operation, thing: Promise<Thing>): Promise<Thing> {
  const { kind, number, state, error } = operation
  return thing.catch((failure: unknown) => {
    if (!(failure instanceof FerruleError) || failure.code !== 'not-found') throw failure
    throw new FerruleError(
      'not-found',
      `this request began ${kind} ${number}, which is ${state}, and what it was about is not in the records any more`,
      error?.remedy ?? `See "ferrule operation show ${number}".`,
      { operation: number },
    )
  })
}

/** Nothing is under way: the answer says all. */
export function settled<Body>(body: Body): Answer<Body> {
  return { headers: {}, body }
}

export function operationPath(id: string): string {
  return `/api/v1/operations/${id}`
}
