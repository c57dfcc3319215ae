import type { ManagementController, PowerAction } from '../../bmc/controller.ts'
import { message, RedfishError } from '../messages.ts'
import { type Exchange, type Outcome, ROOT } from '../resource.ts'
import { taskResource } from './tasks.ts'

export const RESET_TYPES = [
  'On',
  'ForceOn',
  'ForceOff',
  'GracefulShutdown',
  'GracefulRestart',
  'ForceRestart',
  'PowerCycle',
  'PushPowerButton',
] as const
type ResetType = (typeof RESET_TYPES)[number]

/** The ResetType of a request; throws the 400 for one that is missing or unknown. */
export function resetType<Type extends string>(x: Exchange, action: string, allowed: readonly Type[]): Type {
  const wanted = x.body.ResetType
  if (wanted === undefined)
    throw new RedfishError(400, [message('ActionParameterMissing', action, 'ResetType')])
  const found = allowed.find((one) => one === wanted)
  if (found !== undefined) return found
  throw new RedfishError(400, [message('ActionParameterValueNotInList', String(wanted), 'ResetType', action)])
}

/** ComputerSystem.Reset: 204, or 202 with a task where the dial says so. */
export function resetSystem(x: Exchange): Outcome {
  const { controller, dials, tasks } = x.service
  const type = resetType(x, 'ComputerSystem.Reset', RESET_TYPES)
  const off = controller.machine.power() === 'off'
  if (off && (type === 'ForceRestart' || type === 'PowerCycle' || type === 'GracefulRestart'))
    throw new RedfishError(409, [message('ActionParameterValueConflict', 'ResetType', type)])
  act(controller, type, off)
  if (!dials.asyncActions) return { status: 204 }
  const task = tasks.begin(`ComputerSystem.Reset ${type}`, Date.now(), dials)
  return {
    status: 202,
    headers: { Location: `${ROOT}/TaskService/TaskMonitors/${task.id}`, 'Retry-After': '1' },
    body: taskResource(x.service, task),
  }
}

/** What each means while the machine is on, and while it is off; null: nothing is to be done. */
const ACTION: Readonly<Record<Exclude<ResetType, 'GracefulRestart'>, readonly [on: Action, off: Action]>> = {
  On: [null, 'on'],
  ForceOn: [null, 'on'],
  ForceOff: ['off', null],
  GracefulShutdown: ['soft', null],
  ForceRestart: ['reset', null],
  PowerCycle: ['cycle', null],
  PushPowerButton: ['soft', 'on'],
}
type Action = PowerAction | null

function act(controller: ManagementController, type: ResetType, off: boolean): void {
  if (type !== 'GracefulRestart') {
    const action = ACTION[type][off ? 1 : 0]
    if (action !== null) controller.power(action)
    return
  }
  // A soft off, and on again as soon as the system has gone down.
  const stop = controller.machine.onEvent((event) => {
    if (event.kind !== 'power') return
    stop()
    if (!event.on) setImmediate(() => controller.power('on'))
  })
  controller.power('soft')
}
