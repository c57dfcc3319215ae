import type { OperationView } from '../services/operations.ts'
import type { OperationJson, OperationWithStepsJson } from './schemas/operations.ts'

export function toOperation(operation: Omit<OperationView, 'input' | 'steps' | 'planned'>): OperationJson {
  const { parked } = operation
  return {
    id: operation.id,
    number: operation.number,
    kind: operation.kind,
    ref: operation.ref,
    state: operation.state,
    hostId: operation.hostId,
    host: operation.host,
    instanceId: operation.instanceId,
    instance: operation.instance,
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

export function toOperationWithSteps(view: OperationView): OperationWithStepsJson {
  return {
    ...toOperation(view),
    input: view.input,
    steps: view.steps.map(({ evidence, ...step }) => ({
      ...step,
      evidence: evidence.map(({ id, at, kind, message, data }) => ({ id, at, kind, message, data })),
    })),
    planned: view.planned,
  }
}
