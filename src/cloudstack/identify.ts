import { FerruleError } from '../domain/errors.ts'
import { identifyHost } from '../services/host-hardware.ts'
import type { Answer } from './answers.ts'
import { done, refused } from './answers.ts'
import type { Call, Present } from './call.ts'

/** Long enough to walk to the rack's row. */
const usual = 120

/** The form's field `seconds` may be left empty. No "forever" here: a user's light must not stay on in the room. */
export async function identify({ services, caller, vm }: Call, { instance }: Present): Promise<Answer> {
  const text = vm.parameters.seconds ?? String(usual)
  const seconds = Number(text)
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > 255)
    throw new FerruleError(
      'invalid-input',
      `the identify light cannot be on for "${text}" seconds`,
      'Use 0 (off) to 255 in the parameter seconds.',
      { seconds: text },
    )
  if (instance.hostId === null) return refused(`${vm.name} has no server now.`)
  await identifyHost(services, caller, instance.hostId, seconds, instance)
  const message = seconds === 0 ? 'the light is off' : `the light is on for ${seconds} s`
  return done({ status: 'success', message, printmessage: 'true' })
}
