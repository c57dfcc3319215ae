import type { Node } from './model.ts'
import type { Region } from './region.ts'
import {
  COMMISSIONING,
  DEPLOYING,
  FAILED_COMMISSIONING,
  FAILED_DEPLOYMENT,
  FAILED_TESTING,
  RELEASING,
  RELEASING_FAILED,
  statusName,
  TESTING,
} from './status.ts'

/** maasserver/node_status.py: Releasing has 5 minutes, whatever node_timeout says. */
export const RELEASING_TIMEOUT = 5 * 60_000

/** The status a node falls into when its present one took too long. Disk erasing has none: it hangs for ever. */
const AFTER_TIMEOUT = new Map([
  [COMMISSIONING, FAILED_COMMISSIONING],
  [DEPLOYING, FAILED_DEPLOYMENT],
  [RELEASING, RELEASING_FAILED],
  [TESTING, FAILED_TESTING],
])

/** Lets the time of the node's present status be up. */
export function expire(region: Region, node: Node): void {
  const next = AFTER_TIMEOUT.get(node.status)
  if (next === undefined) return
  const name = statusName(node.status)
  node.errorDescription =
    node.status === DEPLOYING
      ? 'time-out during deployment'
      : `Node operation '${name}' timed out after ${node.status === RELEASING ? 5 : region.nodeTimeout() / 60_000} minutes.`
  region.setStatus(node, next)
  node.release = null
  region.event(node, 'ERROR', 'Marking node failed', node.errorDescription)
}
