import type { OperationView } from '../services/operations.ts'
import type { OperationJson, OperationWithStepsJson } from './schemas/operations.ts'

export function toOperation(operation: Omit<OperationView, 'steps' | 'planned'>): OperationJson {
  const { parked } = operation
  return {
    id: operation.id,
    number: operation.number,
    kind: operation.kind,
    ref: operation.ref,
    state: operation.state,
    hostId: operation.hostId,
    instanceId: operation.instanceId,
    cancelRequested: operation.cancelRequested,
    error: operation.error,
    parked: parked && {
      ...parked,
      since: new Date(parked.since).toISOString(),
      nextRetryAt: new Date(parked.nextRetryAt).toISOString(),
    },
    createdBy: operation.createdBy,
    createdAt: operation.createdAt,
    startedAt: operation.startedAt,
    endedAt: operation.endedAt,
  }
}

/** Without what the steps hand on to each other: that is the machinery's own, and nobody's outside. */
export function toOperationWithSteps(view: OperationView): OperationWithStepsJson {
  return {
    ...toOperation(view),
    steps: view.steps.map(({ output: _output, ...step }) => step),
    planned: view.planned,
  }
}
