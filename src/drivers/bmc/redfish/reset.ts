import type { HostLease } from '../../../domain/lease.ts'
import type { Answer } from './ask.ts'
import { refused, unsupported } from './errors.ts'
import { messagesOf } from './messages.ts'
import { patient } from './not-ready.ts'
import type { RedfishSystem, SystemReading } from './system.ts'
import { followTask } from './task.ts'
import { actionInfoSchema } from './wire.ts'

/** Of Resource.ResetType (DSP0268). */
export type ResetType =
  | 'On'
  | 'ForceOn'
  | 'PushPowerButton'
  | 'ForceOff'
  | 'GracefulShutdown'
  | 'ForceRestart'
  | 'PowerCycle'

/**
 * ComputerSystem.Reset with the first of `types` that the BMC allows. Where it does not tell which it allows, they are
 * tried in their order: a type that is refused has done nothing.
 *
 * @returns the type that was taken
 * @throws bmc-unsupported, bmc-refused; bmc-unreachable with details.mayHaveRun when the answer was lost
 */
export async function reset(
  system: RedfishSystem,
  reading: SystemReading,
  lease: HostLease,
  types: readonly [ResetType, ...ResetType[]],
): Promise<ResetType> {
  const { client } = system
  const allowed = await allowedTypes(system, reading)
  const usable = allowed === null ? types : types.filter((type) => allowed.includes(type))
  const target = reading.system.Actions['#ComputerSystem.Reset']?.target
  const [first] = usable
  if (first === undefined) {
    throw unsupported(
      client.address,
      `reset of type ${types.join(' or ')}; it allows ${allowed?.join(', ') || 'none'}`,
      'Switch the machine by hand, or use another protocol for the host.',
    )
  }
  const action = target ?? `${reading.path.replace(/\/$/, '')}/Actions/ComputerSystem.Reset`
  const path = client.path(action, 'show the system')
  let answer: Answer | undefined
  for (const type of usable) {
    const what = `reset the system (${type})`
    answer = await patient(client, reading.traits, () =>
      client.request({ method: 'POST', path, what, body: { ResetType: type }, lease }),
    )
    if (answer.status >= 200 && answer.status < 300) {
      await followTask(client, answer, what)
      return type
    }
    const another = allowed === null && (answer.status === 400 || answer.status === 501)
    if (!another || type === usable.at(-1))
      throw refused(client.address, what, answer.status, messagesOf(answer.json))
  }
  return first
}

/** Null: it does not tell. */
async function allowedTypes(system: RedfishSystem, reading: SystemReading): Promise<string[] | null> {
  const action = reading.system.Actions['#ComputerSystem.Reset']
  const listed = action?.['ResetType@Redfish.AllowableValues']
  if (listed) return listed
  const info = action?.['@Redfish.ActionInfo']
  if (info === undefined) return null
  const { client } = system
  const what = 'show which resets it allows'
  const answer = await client.request({ method: 'GET', path: client.path(info, what), what })
  if (answer.status !== 200) return null
  const { Parameters } = client.parse(actionInfoSchema, answer.json, what)
  return Parameters.find((one) => one.Name === 'ResetType')?.AllowableValues ?? null
}
