import type { ErasePolicy } from '../domain/offering.ts'
import type { Database, Queryable } from '../store/database.ts'
import { passHold } from '../store/holds.ts'
import { hostById } from '../store/hosts.ts'
import { insertOperation, operationById } from '../store/operations.ts'
import { cableMark } from './cable-marks.ts'
import type { EraseInput } from './erase.ts'
import type { Tools } from './tools.ts'

type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0]

/**
 * A host that may carry a tenant's bytes passes, hold and all and without a moment in between, from an operation that
 * ends to a destroy; the tenancy stays until that one's certificate.
 */
export async function passToDestroy(
  tools: Tools,
  client: Transaction,
  from: { id: string; number: number },
  what: { hostId: string; instanceId: string; erase: ErasePolicy },
): Promise<void> {
  const id = tools.newId()
  const [host, passing] = await Promise.all([hostById(client, what.hostId), operationById(client, from.id)])
  const leaves = cableMark(passing?.error ?? null, host?.name ?? '', tools.now())
  const input: EraseInput = {
    hostId: what.hostId,
    instanceId: what.instanceId,
    erase: what.erase,
    ...(leaves ? { leaves } : {}),
  }
  const { number, kind } = await insertOperation(client, {
    id,
    kind: 'destroy',
    ref: 'destroy@1',
    hostId: what.hostId,
    instanceId: what.instanceId,
    input,
    createdBy: `operation ${from.number}`,
  })
  await passHold(client, what.hostId, from.id, id)
  await tools.starter.start(client, id, 'destroy@1', { number, kind, input })
}

/** A repeated end finds the hold gone: host and tenancy may be another operation's by now. */
export async function isHolder(client: Queryable, hostId: string, operationId: string): Promise<boolean> {
  const { rows } = await client.query('select from hold where host_id = $1 and operation_id = $2', [
    hostId,
    operationId,
  ])
  return rows.length > 0
}
