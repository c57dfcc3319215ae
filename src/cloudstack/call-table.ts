import type { Answer } from './answers.ts'
import { done, refused } from './answers.ts'
import type { Call, Found, Present, VmState } from './call.ts'
import { refusedWithWhy, stillAt, waitFor } from './call.ts'
import { consoleLink } from './console.ts'
import { attach, createAfterFailure, createFirst, startAgain } from './create.ts'
import { destroy, destroyParked, destroyStopping, forget, whyVm } from './end.ts'
import { identify } from './identify.ts'
import { attach as attachNetwork, detach as detachNetwork } from './networks.ts'
import { prepare, prepareAfterFailure, samePatch } from './prepare.ts'
import { certificate, plan } from './reads.ts'
import { reinstall, reinstallFailed } from './reinstall.ts'
import { ensureRunning, sameRequest } from './running.ts'
import {
  statusOfDeploying,
  statusOff,
  statusOfParked,
  statusOfRunning,
  statusOfStopped,
  statusUntilClear,
} from './status.ts'
import {
  joinUntilClear,
  reboot,
  retryThenAgain,
  stopDeploying,
  stopIfOn,
  stopParked,
  stopRunning,
} from './stop.ts'

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
  | 'certificate'
  | 'plan'
  | 'attach'
  | 'detach'
  | 'reinstall'
  | 'identify'

const ok: Rule<Found> = async () => done()
const unknown: Rule<Found> = async ({ vm }) =>
  refused(`${vm.name} is unknown here: it has never been deployed by Ferrule.`)
const wrong: Rule = (call, found) => refusedWithWhy(call, found, 'not possible now: ')

/** Waits until this state is over; then the column of the state that follows it decides. */
const wait: Rule = async (call, { state }) =>
  (await waitFor(call, (now) => now.state !== state))
    ? call.again()
    : stillAt(call, `${call.vm.name} is still ${state}; it goes on, try again`)

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
    parked: retryThenAgain,
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
    parked: stopParked,
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
    stopping: destroyStopping,
    stopped: destroy,
    undoing: destroy,
    failed: destroy,
    destroying: joinUntilClear,
    parked: destroyParked,
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
    parked: statusOfParked,
  },
  getconsole: {
    none: unknown,
    deploying: consoleLink,
    running: consoleLink,
    stopping: wrong,
    stopped: wrong,
    undoing: wrong,
    failed: wrong,
    destroying: wrong,
    parked: wrong,
  },
  why: everywhere(whyVm),
  certificate: everywhere(certificate),
  plan: everywhere(plan),
  attach: whileItLives(attachNetwork),
  detach: whileItLives(detachNetwork),
  // a custom action that changes something: answered as soon as it is begun
  reinstall: {
    none: unknown,
    deploying: wrong,
    running: reinstall,
    stopping: wrong,
    stopped: reinstall,
    undoing: wrong,
    failed: reinstallFailed,
    destroying: wrong,
    parked: refusedWithWhy,
  },
  // the light of the server that carries it now
  identify: {
    none: unknown,
    deploying: identify,
    running: identify,
    stopping: wrong,
    stopped: identify,
    undoing: wrong,
    failed: wrong,
    destroying: wrong,
    parked: wrong,
  },
}

/** A change of a server that is there, running or stopped. */
function whileItLives(rule: Rule): Row {
  return {
    none: unknown,
    deploying: wrong,
    running: rule,
    stopping: wrong,
    stopped: rule,
    undoing: wrong,
    failed: wrong,
    destroying: wrong,
    parked: refusedWithWhy,
  }
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
