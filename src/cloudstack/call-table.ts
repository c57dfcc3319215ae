import type { Answer } from './answers.ts'
import { done, refused } from './answers.ts'
import type { Call, Found, Present, VmState } from './call.ts'
import { refusedWithWhy, waitFor } from './call.ts'
import { consoleLink } from './console.ts'
import { attach, createAfterFailure, createFirst, startAgain } from './create.ts'
import { destroy, forget, whyVm } from './end.ts'
import { prepare, prepareAfterFailure, samePatch } from './prepare.ts'
import { ensureRunning, sameRequest } from './running.ts'
import { statusOfDeploying, statusOff, statusOfRunning, statusOfStopped, statusUntilClear } from './status.ts'
import { joinUntilClear, reboot, retryUntilClear, stopDeploying, stopIfOn, stopRunning } from './stop.ts'

/** What is done with a call while the VM is in one state. */
type Rule<F extends Found = Present> = (call: Call, found: F) => Promise<Answer>
type Row = { none: Rule<Found> } & Record<Exclude<VmState, 'none'>, Rule>

export type VmAction =
  | 'prepare'
  | 'create'
  | 'start'
  | 'stop'
  | 'reboot'
  | 'delete'
  | 'status'
  | 'getconsole'
  | 'why'

const ok: Rule<Found> = async () => done()
const unknown: Rule<Found> = async ({ vm }) =>
  refused(`${vm.name} is unknown here: it has never been deployed by Ferrule.`)
const wrong: Rule = async ({ vm }, { state, instance }) =>
  refused(`${vm.name} is ${state}. See "ferrule why instance ${instance.name}".`)

/** Waits until this state is over; then the column of the state that follows it decides. */
const wait: Rule = async (call, { state }) =>
  (await waitFor(call, (now) => now.state !== state))
    ? call.again()
    : refused(`${call.vm.name} is still ${state}. It goes on; try again.`)

/**
 * CloudStack's call × the VM's state. A call never queues behind an operation that it contradicts: it joins or cancels
 * it. What stands in `failed` holds from the moment on that the VM is clear, also while its last host is being erased.
 */
export const callTable: Record<VmAction, Row> = {
  prepare: {
    none: prepare,
    deploying: samePatch,
    running: samePatch,
    stopping: samePatch,
    stopped: samePatch,
    undoing: wait,
    failed: prepareAfterFailure,
    destroying: wrong,
    parked: refusedWithWhy,
  },
  create: {
    none: createFirst,
    deploying: attach,
    running: sameRequest,
    stopping: wait,
    stopped: startAgain,
    undoing: wait,
    failed: createAfterFailure,
    destroying: wrong,
    parked: refusedWithWhy,
  },
  start: {
    none: unknown,
    deploying: attach,
    running: ensureRunning,
    stopping: wait,
    stopped: startAgain,
    undoing: wait,
    failed: refusedWithWhy,
    destroying: wrong,
    parked: retryThen((call) => call.again()),
  },
  stop: {
    none: ok,
    deploying: stopDeploying,
    running: stopRunning,
    stopping: joinUntilClear,
    stopped: stopIfOn,
    undoing: joinUntilClear,
    failed: ok,
    destroying: joinUntilClear,
    parked: retryUntilClear,
  },
  reboot: {
    none: unknown,
    deploying: wrong,
    running: reboot,
    stopping: wrong,
    stopped: wrong,
    undoing: wrong,
    failed: wrong,
    destroying: wrong,
    parked: wrong,
  },
  delete: {
    none: forget,
    deploying: destroy,
    running: destroy,
    stopping: wait,
    stopped: destroy,
    undoing: destroy,
    failed: destroy,
    destroying: joinUntilClear,
    parked: retryUntilClear,
  },
  status: {
    none: unknown,
    deploying: statusOfDeploying,
    running: statusOfRunning,
    stopping: statusUntilClear,
    stopped: statusOfStopped,
    undoing: statusUntilClear,
    failed: statusOff,
    destroying: statusUntilClear,
    parked: statusUntilClear,
  },
  getconsole: {
    none: unknown,
    deploying: consoleLink(false),
    running: consoleLink(true),
    stopping: wrong,
    stopped: wrong,
    undoing: wrong,
    failed: wrong,
    destroying: wrong,
    parked: wrong,
  },
  why: everywhere(whyVm),
}

function everywhere(rule: Rule<Found>): Row {
  return {
    none: rule,
    deploying: rule,
    running: rule,
    stopping: rule,
    stopped: rule,
    undoing: rule,
    failed: rule,
    destroying: rule,
    parked: rule,
  }
}

/** A start of a parked VM: the blocked step is tried once more; only a VM that is stopped then is started. */
function retryThen(next: (call: Call) => Promise<Answer>): Rule {
  return async (call, found) => {
    const answer = await retryUntilClear(call, found)
    return answer.exit === 0 ? next(call) : answer
  }
}
